#include "cli/commands/command.h"
#include "cli/text/diff_text.h"

namespace ridgeline::cli {

Action declareDiff(CLI::App& program) {
  struct Arguments {
    std::filesystem::path a, b;
    int top = 15;
    OutputOptions output;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("diff", "Say what changed between two recordings");
  verb->footer(
      "Operators and kernels are matched by name, shape and place; renamed, new and vanished ones are told. What all\n"
      "share is put down to the machine, and what stands out comes first. For a gate in CI, see `ridgeline check`.");
  verb->add_option("A", args->a, "A .ridge file: before")->required()->type_name("A.ridge");
  verb->add_option("B", args->b, "A .ridge file: after")->required()->type_name("B.ridge");
  verb->add_option("--top", args->top, "Operators and kernels to list (default 15)")
      ->type_name("N")
      ->check(CLI::Range(0, 1000000).description(""));
  addOutputOptions(*verb, args->output, true);
  return [args](Console& console) -> Status {
    auto diff = analyzers::diffProfiles(args->a, args->b);
    if (!diff) return passOn(diff);
    switch (args->output.format) {
      case Format::Json:
        return console.print(diffJson(*diff), args->output.file);
      case Format::Markdown:
        return console.print(diffMarkdown(*diff, args->top), args->output.file);
      case Format::Text:
        break;
    }
    return console.print(diffText(*diff, args->top), args->output.file);
  };
}

}  // namespace ridgeline::cli
