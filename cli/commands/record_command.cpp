#include "cli/commands/record_command.h"

#include "base/units.h"
#include "cli/text/table.h"

#include <nlohmann/json.hpp>

namespace ridgeline::cli {
namespace {

std::string summaryText(const std::string& file, const collector::CommandRequest& request,
                        const collector::CommandSummary& s, Format format) {
  const auto& t = s.totals;
  const auto program = std::filesystem::path(request.command.front()).filename().string();
  std::string out = fmt::format("{}: {}, exit status {}; {} {}, {} kernels, {} copies, {} calls and ranges\n", program,
                                formatMs(s.seconds * 1e3), s.exitStatus, t.processes,
                                t.processes == 1 ? "process" : "processes", t.kernels, t.copies, t.spans);
  for (const auto& d : t.devices) {
    out += fmt::format("  {}: {} kernels, {} in them\n", d.name, d.kernels,
                       formatMs(static_cast<double>(d.busyNs) * 1e-6));
  }
  if (t.lost > 0) out += fmt::format("  {} records were lost\n", t.lost);
  for (const auto& n : s.notes) out += wrap(n, 98, 2) + "\n";
  return out + (format == Format::Markdown
                    ? fmt::format("\nWritten: `{}`\n", file)
                    : fmt::format("\nWritten: {}; see it with: ridgeline report {}\n", file, file));
}

std::string summaryJson(const std::string& file, const collector::CommandRequest& request,
                        const collector::CommandSummary& s) {
  nlohmann::ordered_json j;
  j["schema_version"] = 1;
  j["profile"] = file;
  j["program"] = std::filesystem::path(request.command.front()).filename().string();
  j["exit_status"] = s.exitStatus;
  j["seconds"] = s.seconds;
  j["processes"] = s.totals.processes;
  j["kernels"] = s.totals.kernels;
  j["copies"] = s.totals.copies;
  j["spans"] = s.totals.spans;
  j["lost"] = s.totals.lost;
  j["devices"] = nlohmann::ordered_json::array();
  for (const auto& d : s.totals.devices) {
    j["devices"].push_back({{"name", d.name},
                            {"plugin", d.plugin},
                            {"kernels", d.kernels},
                            {"kernel_ms", static_cast<double>(d.busyNs) * 1e-6}});
  }
  j["notes"] = s.notes;
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

Status recordCommand(Console& console, collector::CommandRequest request, const OutputOptions& output) {
  request.command = console.tail();
  if (request.command.empty()) return fail(ErrorCode::Usage, "there is no command behind --");
  if (request.output.empty()) {
    request.output = std::filesystem::path(request.command.front()).filename().string() + ".ridge";
  }
  auto summary = collector::recordCommand(request, console.job());
  if (!summary) return passOn(summary);
  console.setExitStatus(summary->exitStatus);
  const auto file = request.output.string();
  // The command may well have printed something for another program: ours goes to stderr unless it is asked for.
  if (output.format == Format::Json) return console.print(summaryJson(file, request, *summary));
  console.endProgress();
  auto text = summaryText(file, request, *summary, output.format);
  text.pop_back();
  console.note(text);
  return {};
}

}  // namespace ridgeline::cli
