#include "analyzers/report_model.h"
#include "cli/commands/command.h"
#include "cli/commands/processor_advice.h"
#include "cli/text/advise_text.h"
#include "profile/timeline_vocabulary.h"

namespace ridgeline::cli {
namespace {

struct Arguments {
  std::filesystem::path profile, model;
  int top = 10;
  bool exactOnly = false;
  OutputOptions output;
};

// A recording of a program: no model, but processes.
Result<bool> isOfProgram(const std::filesystem::path& path) {
  auto profile = profile::Profile::open(path, profile::Profile::Mode::ReadOnly);
  if (!profile) return passOn(profile);
  auto models = profile->count<profile::Model>();
  if (!models) return passOn(models);
  auto ranks = profile->count<profile::Rank>();
  if (!ranks) return passOn(ranks);
  return *models == 0 && *ranks > 0;
}

template <class Advice>
Status print(const Arguments& args, const Advice& advice, Console& console) {
  switch (args.output.format) {
    case Format::Json:
      return console.print(adviseJson(advice), args.output.file);
    case Format::Markdown:
      return console.print(adviseMarkdown(advice, args.top), args.output.file);
    case Format::Text:
      break;
  }
  return console.print(adviseText(advice, args.top), args.output.file);
}

Status adviseProgram(const Arguments& args, Console& console) {
  auto report = analyzers::loadReport(args.profile);
  if (!report) return passOn(report);
  if (args.exactOnly) std::erase_if(report->advice, [](const auto& advice) { return advice.lossy; });
  return print(args, *report, console);
}

Status adviseModel(const Arguments& args, Console& console) {
  auto result =
      advisor::advise(args.profile, args.model, args.exactOnly, processorAdvice(console.job()), console.job());
  if (!result) return passOn(result);
  return print(args, *result, console);
}

}  // namespace

Action declareAdvise(CLI::App& program) {
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("advise", "Say what could be won, and on what evidence");
  verb->footer(
      "Of a recorded model, every rule is asked what it would rewrite. Of an imported recording or a recorded\n"
      "command, it says what could be changed in the program: graphs, fusion, precision, layouts, copies, overlap.");
  verb->add_option("PROFILE", args->profile, "A .ridge file")->required();
  verb->add_option("--model", args->model, "The model's file, where it is not found by itself")
      ->type_name("MODEL.onnx");
  verb->add_option("--top", args->top, "Proposals to list (default 10)")
      ->type_name("N")
      ->check(CLI::Range(0, 1000000).description(""));
  verb->add_flag("--exact", args->exactOnly, "Only changes that keep the numbers up to rounding");
  addOutputOptions(*verb, args->output, true);
  return [args](Console& console) -> Status {
    console.setProgress(args->output.progress);
    auto ofProgram = isOfProgram(args->profile);
    if (!ofProgram) return passOn(ofProgram);
    return *ofProgram ? adviseProgram(*args, console) : adviseModel(*args, console);
  };
}

}  // namespace ridgeline::cli
