#include "analyzers/analyze.h"
#include "cli/commands/command.h"
#include "cli/text/html_report.h"
#include "cli/text/report_text.h"

namespace ridgeline::cli {
namespace {

struct Arguments {
  std::filesystem::path profile;
  int top = 15;
  bool html = false;
  OutputOptions output;
};

// HTML reads views too, so it needs the profile itself, with the analyzers' rows.
Status printHtml(const Arguments& args, Console& console) {
  auto report = analyzers::loadReport(args.profile);  // analyzes what was not, where the file can be written
  if (!report) return passOn(report);
  auto profile = profile::Profile::open(args.profile, profile::Profile::Mode::ReadOnly);
  if (profile && !analyzers::isAnalyzed(*profile)) {
    profile = profile::Profile::open(args.profile, profile::Profile::Mode::Copy);
    if (profile) {
      if (auto s = analyzers::analyze(*profile); !s) return s;
    }
  }
  if (!profile) return passOn(profile);
  auto text = reportHtml(*report, *profile);
  if (!text) return passOn(text);
  return console.print(*text, args.output.file);
}

// Like that of other verbs, and html.
void addFormatWithHtml(CLI::App& verb, const std::shared_ptr<Arguments>& args) {
  verb.remove_option(verb.get_option("--format"));
  verb.add_option_function<std::string>(
          "--format",
          [args](const std::string& format) {
            args->html = format == "html";
            if (format == "json") args->output.format = Format::Json;
            if (format == "markdown") args->output.format = Format::Markdown;
          },
          "How to print: text, json, markdown or html (default text)")
      ->check(CLI::IsMember({"text", "json", "markdown", "html"}).description(""))
      ->type_name("FORMAT");
}

}  // namespace

Action declareReport(CLI::App& program) {
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("report", "Say where the time goes and what bounds it");
  verb->footer(
      "An operator's roof time is what it would take at the machine's measured ceilings: the larger of its arithmetic\n"
      "at the compute roof and its bytes at the bandwidth of the memory they live in. Headroom is the time above "
      "that.\n"
      "Times are measured; FLOPs and bytes are modelled from shapes unless counters were there.\n"
      "--format html -o report.html makes one file with charts, for a pipeline to keep.");
  verb->add_option("PROFILE", args->profile, "A .ridge file")->required();
  verb->add_option("--top", args->top, "Operators and findings to list (default 15)")
      ->type_name("N")
      ->check(CLI::Range(0, 1000000).description(""));
  addOutputOptions(*verb, args->output, true);
  addFormatWithHtml(*verb, args);
  return [args](Console& console) -> Status {
    if (args->html) return printHtml(*args, console);
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
