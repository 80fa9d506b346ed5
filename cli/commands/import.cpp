#include "collector/import/import.h"

#include "base/units.h"
#include "cli/commands/command.h"
#include "cli/text/table.h"

#include <nlohmann/json.hpp>

namespace ridgeline::cli {
namespace {

using collector::import::ImportRequest;
using collector::import::ImportSummary;

std::string summaryText(const ImportRequest& request, const ImportSummary& s, Format format) {
  Table ranks({{"rank"},
               {"file"},
               {"format"},
               {"device"},
               {"slices", Align::Right},
               {"kernels", Align::Right},
               {"kernel time", Align::Right},
               {"copies", Align::Right},
               {"steps", Align::Right}});
  for (const auto& r : s.ranks) {
    ranks.add({r.name, r.source, r.format, r.devices.empty() ? "" : r.devices.front(), std::to_string(r.slices),
               std::to_string(r.kernels), r.kernels > 0 ? formatMs(r.kernelMs) : "", std::to_string(r.copies),
               std::to_string(r.runs)});
  }
  const bool markdown = format == Format::Markdown;
  std::string out = markdown ? ranks.markdown() : ranks.text(2, kTerminalColumns);
  if (!s.notKept.empty()) out += "\nNot kept:\n";
  for (const auto& i : s.notKept) {
    const auto note = i.note.empty() ? "" : ": " + i.note;
    out += wrap(fmt::format("{}{} x {}{}", markdown ? "- " : "  ", i.count, i.what, note), 98, 4) + "\n";
  }
  for (const auto& note : s.notes) out += "\n" + wrap(note, 98, 2) + "\n";
  const auto file = request.output.string();
  return out + (markdown ? fmt::format("\nWritten: `{}`\n", file)
                         : fmt::format("\nWritten: {}; see it with: ridgeline report {}\n", file, file));
}

std::string summaryJson(const ImportRequest& request, const ImportSummary& s) {
  nlohmann::ordered_json j;
  j["schema_version"] = 1;
  j["profile"] = request.output.string();
  j["ranks"] = nlohmann::ordered_json::array();
  for (const auto& r : s.ranks) {
    j["ranks"].push_back({{"name", r.name},
                          {"source", r.source},
                          {"format", r.format},
                          {"devices", r.devices},
                          {"slices", r.slices},
                          {"kernels", r.kernels},
                          {"kernel_time_ms", r.kernelMs},
                          {"copies", r.copies},
                          {"copy_time_ms", r.copyMs},
                          {"sets", r.sets},
                          {"operators", r.operators},
                          {"steps", r.runs}});
  }
  j["not_kept"] = nlohmann::ordered_json::array();
  for (const auto& i : s.notKept) j["not_kept"].push_back({{"what", i.what}, {"count", i.count}, {"why", i.note}});
  j["notes"] = s.notes;
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string footer() {
  std::string out = "The format is found by looking inside, not by the name:\n";
  for (const auto& [name, summary] : collector::import::importFormats()) {
    out += fmt::format("  {:<12} {}\n", name, summary);
  }
  return out +
         "Several files become the ranks of one profile. What a file holds and the profile does not is counted and\n"
         "said. Names of people, hosts, folders and processes are not taken over.";
}

}  // namespace

Action declareImport(CLI::App& program) {
  struct Arguments {
    ImportRequest request;
    OutputOptions output;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("import", "Make a profile of other tools' recordings");
  verb->footer(footer());
  verb->add_option("TRACE", args->request.traces, "Recordings: one file per rank")->required();
  verb->add_option("-o,--output", args->request.output, "The profile to write")->type_name("FILE.ridge")->required();
  addOutputOptions(*verb, args->output, false);
  return [args](Console& console) -> Status {
    console.setProgress(args->output.progress);
    auto& request = args->request;
    request.command = {"ridgeline", "import"};
    for (const auto& trace : request.traces) request.command.push_back(trace.string());
    auto summary = collector::import::importTraces(request, console.job());
    if (!summary) return passOn(summary);
    if (args->output.format == Format::Json) return console.print(summaryJson(request, *summary));
    return console.print(summaryText(request, *summary, args->output.format));
  };
}

}  // namespace ridgeline::cli
