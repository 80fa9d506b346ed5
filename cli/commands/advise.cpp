#include "cli/commands/command.h"
#include "cli/commands/processor_advice.h"
#include "cli/text/advise_text.h"

namespace ridgeline::cli {

Action declareAdvise(CLI::App& program) {
  struct Arguments {
    std::filesystem::path profile, model;
    int top = 10;
    bool exactOnly = false;
    OutputOptions output;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("advise", "Say what could be won, and on what evidence");
  verb->add_option("PROFILE", args->profile, "A .ridge file of a recorded model")->required();
  verb->add_option("--model", args->model, "The model's file, where it is not found by itself")
      ->type_name("MODEL.onnx");
  verb->add_option("--top", args->top, "Proposals to list (default 10)")
      ->type_name("N")
      ->check(CLI::Range(0, 1000000).description(""));
  verb->add_flag("--exact", args->exactOnly, "Only rewrites that keep the numbers up to rounding");
  addOutputOptions(*verb, args->output, true);
  return [args](Console& console) -> Status {
    console.setProgress(args->output.progress);
    auto result =
        advisor::advise(args->profile, args->model, args->exactOnly, processorAdvice(console.job()), console.job());
    if (!result) return passOn(result);
    switch (args->output.format) {
      case Format::Json:
        return console.print(adviseJson(*result), args->output.file);
      case Format::Markdown:
        return console.print(adviseMarkdown(*result, args->top), args->output.file);
      case Format::Text:
        break;
    }
    return console.print(adviseText(*result, args->top), args->output.file);
  };
}

}  // namespace ridgeline::cli
