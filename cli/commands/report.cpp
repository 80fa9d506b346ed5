#include "cli/commands/command.h"
#include "cli/text/report_text.h"

namespace ridgeline::cli {

Action declareReport(CLI::App& program) {
  struct Arguments {
    std::filesystem::path profile;
    int top = 15;
    OutputOptions output;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("report", "Say where the time goes and what bounds it");
  verb->footer(
      "An operator's roof time is what it would take at the machine's measured ceilings: the larger of its arithmetic\n"
      "at the compute roof and its bytes at the bandwidth of the memory they live in. Headroom is the time above "
      "that.\n"
      "Times are measured; FLOPs and bytes are modelled from shapes unless counters were there.");
  verb->add_option("PROFILE", args->profile, "A .ridge file")->required();
  verb->add_option("--top", args->top, "Operators and findings to list (default 15)")
      ->type_name("N")
      ->check(CLI::Range(0, 1000000).description(""));
  addOutputOptions(*verb, args->output, true);
  return [args](Console& console) -> Status {
    auto report = analyzers::loadReport(args->profile);
    if (!report) return passOn(report);
    switch (args->output.format) {
      case Format::Json:
        return console.print(reportJson(*report), args->output.file);
      case Format::Markdown:
        return console.print(reportMarkdown(*report, args->top), args->output.file);
      case Format::Text:
        break;
    }
    return console.print(reportText(*report, args->top), args->output.file);
  };
}

}  // namespace ridgeline::cli
