#include "export/export.h"

#include "cli/commands/command.h"

#include <map>

namespace ridgeline::cli {
namespace {

enum class FileFormat { Perfetto, Chrome, Csv };

std::string summaryText(const exporting::ExportSummary& s, FileFormat format, const std::filesystem::path& output) {
  std::string out;
  if (format == FileFormat::Csv) {
    out = s.files.empty() ? fmt::format("{} rows", s.rows) : fmt::format("{} rows in {} files", s.rows, s.files.size());
  } else {
    out = fmt::format("{} slices, {} counter values, {} arrows", s.slices, s.counters, s.flows);
  }
  out += fmt::format("\nWritten: {}", output.string());
  if (format == FileFormat::Perfetto) out += "; open it in the Perfetto UI";
  if (format == FileFormat::Chrome) out += "; open it in chrome://tracing or the Perfetto UI";
  return out + "\n";
}

}  // namespace

Action declareExport(CLI::App& program) {
  struct Arguments {
    std::filesystem::path profile, output;
    FileFormat format = FileFormat::Perfetto;
    std::string table;
    ProgressStyle progress = ProgressStyle::Auto;
  };
  auto args = std::make_shared<Arguments>();
  static const std::map<std::string, FileFormat> formats{
      {"perfetto", FileFormat::Perfetto}, {"chrome", FileFormat::Chrome}, {"csv", FileFormat::Csv}};
  auto* verb = program.add_subcommand("export", "Write a profile in the format of another program");
  verb->footer(
      "perfetto and chrome hold the timeline: a row for each thread and stream, counters, and arrows from launches to\n"
      "what they launched. csv holds the views of docs/profile-schema.md: all of them, in a folder, or one with "
      "--table.");
  verb->add_option("PROFILE", args->profile, "A .ridge file")->required();
  verb->add_option("--format", args->format, "perfetto, chrome or csv (default perfetto)")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("FORMAT");
  verb->add_option("-o,--output", args->output, "The file to write; for csv a folder, or a file for one table")
      ->required()
      ->type_name("OUT");
  verb->add_option("--table", args->table, "csv: the view to write (default: all; operators into a single file)")
      ->type_name("NAME");
  return [args](Console& console) -> Status {
    console.setProgress(args->progress);
    auto profile = profile::Profile::open(args->profile, profile::Profile::Mode::ReadOnly);
    if (!profile) return passOn(profile);
    if (!args->table.empty() && args->format != FileFormat::Csv) {
      return fail(ErrorCode::Usage, "--table belongs to --format csv");
    }
    Result<exporting::ExportSummary> summary;
    switch (args->format) {
      case FileFormat::Perfetto:
        summary = exporting::exportPerfetto(*profile, args->output, console.job());
        break;
      case FileFormat::Chrome:
        summary = exporting::exportChrome(*profile, args->output, console.job());
        break;
      case FileFormat::Csv:
        summary = exporting::exportCsv(*profile, args->output, args->table, console.job());
        break;
    }
    if (!summary) return passOn(summary);
    return console.print(summaryText(*summary, args->format, args->output));
  };
}

}  // namespace ridgeline::cli
