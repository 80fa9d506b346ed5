#include "cli/text/check_text.h"

#include "base/units.h"
#include "cli/text/diff_text.h"
#include "cli/text/table.h"

namespace ridgeline::cli {
namespace {

using advisor::CheckMethod;
using advisor::CheckResult;
using advisor::CheckVerdict;
using advisor::GateState;

std::string methodText(const CheckResult& r) {
  switch (r.method) {
    case CheckMethod::InTurns:
      return fmt::format("measured in turns on this machine, {} rounds", r.rounds);
    case CheckMethod::Past:
      return fmt::format("against {} earlier recordings", r.pastRuns);
    case CheckMethod::Recordings:
      return "two recordings";
    case CheckMethod::None:
      break;
  }
  return "nothing to compare with";
}

std::string sideLine(const advisor::CheckSide& side) {
  std::string line = side.name;
  if (!side.model.empty() && side.model != side.name) line += fmt::format(" ({})", side.model);
  if (!side.commit.empty()) line += fmt::format(", commit {}", side.commit.substr(0, 10));
  if (!side.created.empty()) line += ", recorded " + side.created;
  return line;
}

const char* mark(GateState state) {
  switch (state) {
    case GateState::Passed:
      return "ok";
    case GateState::Failed:
      return "FAILED";
    case GateState::Unknown:
      return "UNKNOWN";
    case GateState::Told:
      break;
  }
  return "-";
}

const char* verdictMark(const CheckResult& r) {
  if (!r.passes()) return ":x:";
  return r.verdict == CheckVerdict::Inconclusive ? ":grey_question:" : ":white_check_mark:";
}

}  // namespace

std::string checkHeadline(const CheckResult& r) {
  const auto model = r.current.model.empty() ? r.current.name : r.current.model;
  if (r.madeBaseline) return fmt::format("{}: first run, now the baseline", model);
  const auto changed = r.ratio ? signedPercent(*r.ratio) : std::string();
  switch (r.verdict) {
    case CheckVerdict::Regression:
      return fmt::format("{}: regression, {} latency", model, changed);
    case CheckVerdict::Improvement:
      return fmt::format("{}: improvement, {} latency", model, changed);
    case CheckVerdict::Same:
      return fmt::format("{}: same, within the {:.1f} % that are allowed", model, r.allowed * 100);
    case CheckVerdict::Inconclusive:
      break;
  }
  return fmt::format("{}: inconclusive", model);
}

std::string checkSpeedLine(const CheckResult& r) {
  if (!r.ratio || !r.baseline.latencyMs || !r.current.latencyMs) {
    return r.current.latencyMs ? formatMs(*r.current.latencyMs) : "not known";
  }
  auto line = fmt::format("{} -> {}, {}", formatMs(*r.baseline.latencyMs), formatMs(*r.current.latencyMs),
                          signedPercent(*r.ratio));
  if (r.ci95 && r.ci95->hi > 0) {
    line += fmt::format(" (95 % interval {} to {})", signedPercent(r.ci95->lo), signedPercent(r.ci95->hi));
  }
  return line;
}

std::vector<std::string> blameLines(const CheckResult& r, size_t top) {
  std::vector<std::string> lines;
  if (!r.blame) return lines;
  for (const auto& row : r.blame->rows) {
    if (lines.size() == top || row.status == analyzers::DiffStatus::Same) break;
    auto line = fmt::format("{} ({}): {}", row.name, row.type, signedMs(row.deltaMs));
    if (row.aMs && row.bMs) line += fmt::format(", {} -> {}", formatMs(*row.aMs), formatMs(*row.bMs));
    if (!row.aMs) line += ", new";
    if (!row.bMs) line += ", gone";
    if (row.aMs && row.bMs && row.shapesA != row.shapesB) {
      line += fmt::format("; shapes {}, then {}", row.shapesA, row.shapesB);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string checkText(const CheckResult& r) {
  std::string out = checkHeadline(r) + "\n\n";
  const auto line = [&](std::string_view name, const std::string& text) {
    out += fmt::format("  {:<16}{}\n", name, wrap(text, 80, 18));
  };
  if (!r.madeBaseline) line("baseline", sideLine(r.baseline));
  line("current", sideLine(r.current));
  line("latency", checkSpeedLine(r));
  if (!r.madeBaseline) line("how", methodText(r));
  if (!r.gates.empty()) out += "\n";
  for (const auto& gate : r.gates) out += fmt::format("  {:<8}{}\n", mark(gate.state), wrap(gate.text, 88, 10));
  const auto blamed = blameLines(r, 8);
  if (!blamed.empty()) out += "\nWhat explains it\n";
  for (const auto& b : blamed) out += "  " + wrap(b, 96, 4) + "\n";
  const bool slower = r.verdict == CheckVerdict::Regression || r.verdict == CheckVerdict::Inconclusive;
  if (r.blame && blamed.empty() && slower && r.method == CheckMethod::InTurns) {
    out += "\nNo operator stands out.\n";
  }
  if (!r.notes.empty()) out += "\n";
  for (const auto& n : r.notes) out += wrap(n, 98, 2) + "\n";
  out += fmt::format("\n{} in {:.0f} s\n", r.passes() ? "Passed" : "Failed", r.seconds);
  return out;
}

std::string checkMarkdown(const CheckResult& r) {
  std::string out = fmt::format("### {} {}\n\n", verdictMark(r), checkHeadline(r));
  Table table({{"", Align::Left}, {"", Align::Left}});
  if (!r.madeBaseline) table.add({"baseline", sideLine(r.baseline)});
  table.add({"current", sideLine(r.current)});
  table.add({"latency", checkSpeedLine(r)});
  if (!r.madeBaseline) table.add({"how", methodText(r)});
  for (const auto& gate : r.gates) {
    const auto state = gate.state == GateState::Told ? std::string() : fmt::format(" {}", mark(gate.state));
    table.add({gate.name + state, gate.text});
  }
  out += table.markdown();
  if (r.blame && !blameLines(r, 1).empty()) {
    size_t shown = 0;
    for (const auto& row : r.blame->rows) shown += row.status != analyzers::DiffStatus::Same;
    out += "\n**What explains it**\n\n" + diffTable(*r.blame, std::min<size_t>(shown, 8)).markdown();
  }
  for (const auto& n : r.notes) out += "\n> " + n + "\n";
  return out;
}

}  // namespace ridgeline::cli
