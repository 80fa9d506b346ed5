#include "cli/text/report_text.h"

#include "base/units.h"
#include "cli/text/report_devices_text.h"
#include "cli/text/report_words.h"
#include "cli/text/roofs_text.h"
#include "cli/text/table.h"

#include <algorithm>

namespace ridgeline::cli {
namespace {

constexpr int kMostAdvice = 6;

std::string orDash(const std::optional<double>& v, std::string (*format)(double)) { return v ? format(*v) : "-"; }

std::string whereTheTimeGoes(const analyzers::Report& r) {
  std::string out;
  for (const auto& entry : timeByBound(r)) {
    out += fmt::format("  {:<16}{:>9}  {:>6}  {}\n", entry.bound, formatMs(entry.timeMs), formatPercent(entry.share),
                       shareBar(entry.share, 30));
  }
  return out.empty() ? out : fmt::format("\n{}\n{}", boundHeading(r), out);
}

std::string speedOf(const analyzers::ReportOperator& o) {
  if (o.bound == profile::Bound::Memory && o.achievedGbps) return formatRate(*o.achievedGbps * 1e9, "B");
  if (o.achievedGflops && *o.achievedGflops > 0) return formatRate(*o.achievedGflops * 1e9, "OP");
  return o.achievedGbps ? formatRate(*o.achievedGbps * 1e9, "B") : "-";
}

bool hasHeadroom(const analyzers::Report& r) {
  return std::any_of(r.operators.begin(), r.operators.end(), [](const auto& o) { return o.headroomMs.has_value(); });
}

Table hotSpots(const analyzers::Report& r, int top) {
  Table table({{"operator", Align::Left, 30},
               {"type", Align::Left, 16},
               {"time", Align::Right},
               {"at roof", Align::Right},
               {"headroom", Align::Right},
               {"bound", Align::Left},
               {"achieved", Align::Right}});
  for (const auto& o : r.operators) {
    if (top-- <= 0) break;
    table.add({o.name, o.opType, formatMs(o.timeMs), orDash(o.roofTimeMs, formatMs), orDash(o.headroomMs, formatMs),
               o.boundText(), speedOf(o)});
  }
  return table;
}

// Of operators whose work is not known.
Table byTime(const analyzers::Report& r, int top) {
  const bool ranks = r.recorded.ranks.size() > 1;
  std::vector<Column> columns{{"operator", Align::Left, 50}};
  if (ranks) columns.push_back({"rank", Align::Left, 12});
  columns.insert(
      columns.end(),
      {{"calls", Align::Right}, {"time", Align::Right}, {"share", Align::Right}, {"inputs", Align::Left, 50}});
  Table table(columns);
  for (const auto& o : r.operators) {
    if (top-- <= 0) break;
    std::vector<std::string> cells{o.name};
    if (ranks) cells.push_back(o.rank);
    cells.insert(cells.end(),
                 {formatSignificant(o.calls), formatMs(o.timeMs), orDash(o.share, formatPercent), o.inputShapes});
    table.add(cells);
  }
  return table;
}

std::string operatorHeading(const analyzers::Report& r, int top) {
  const auto count = r.operators.size();
  return fmt::format("{} ({} of {} operators)", hasHeadroom(r) ? "Hot spots, by headroom" : "Operators, by time",
                     std::min(static_cast<size_t>(std::max(top, 0)), count), count);
}

Table operatorTable(const analyzers::Report& r, int top) { return hasHeadroom(r) ? hotSpots(r, top) : byTime(r, top); }

std::string findingsText(const analyzers::Report& r, int top) {
  std::string out = r.findings.empty() ? "" : "\nFindings\n";
  int shown = 0;
  for (const auto& f : r.findings) {
    if (shown++ == top) {
      return out + fmt::format("  and {} more: ridgeline query {} \"SELECT text FROM finding\"\n",
                               r.findings.size() - static_cast<size_t>(top), r.profileName);
    }
    out += fmt::format("  {} {}\n", f.severity == profile::Severity::Warning ? "!" : "-", wrap(f.text, 94, 4));
  }
  return out;
}

}  // namespace

std::string reportText(const analyzers::Report& r, int top) {
  std::string out = shorten(reportTitle(r), kTerminalColumns) + "\n";
  out += wrap(fmt::format("{}", fmt::join(reportOrigin(r), ", ")), kTerminalColumns, 0) + "\n\n";
  for (const auto& [what, value] : reportFacts(r)) out += fmt::format("  {:<16}{}\n", what, wrap(value, 80, 18));
  out += roofLines(r.roofs);
  if (out.ends_with("\n\n")) out.pop_back();
  out += devicesText(r) + pathsText(r) + adviceSection(r, std::min(top, kMostAdvice)) + kernelsText(r, top);
  out += whereTheTimeGoes(r);
  if (!r.operators.empty()) {
    out += "\n" + operatorHeading(r, top) + "\n" + operatorTable(r, top).text(2, kTerminalColumns);
  }
  out += findingsText(r, top);
  const auto lines = reportRemarks(r);
  if (!lines.empty()) out += "\n";
  for (const auto& line : lines) out += wrap(line, 98, 2) + "\n";
  return out;
}

std::string reportMarkdown(const analyzers::Report& r, int top) {
  std::string out = fmt::format("## {}\n\n{}\n\n", reportTitle(r), fmt::join(reportOrigin(r), ", "));
  const auto facts = reportFacts(r);
  if (!facts.empty()) out += "| | |\n| --- | --- |\n";
  for (const auto& [what, value] : facts) out += fmt::format("| {} | {} |\n", what, value);
  out += devicesMarkdown(r) + adviceTable(r, top) + kernelsMarkdown(r, top);
  const auto bounds = timeByBound(r);
  if (!bounds.empty())
    out += fmt::format("\n### {}\n\n| bound | time | share |\n| --- | ---: | ---: |\n", boundHeading(r));
  for (const auto& entry : bounds) {
    out += fmt::format("| {} | {} | {} |\n", entry.bound, formatMs(entry.timeMs), formatPercent(entry.share));
  }
  if (!r.operators.empty())
    out += fmt::format("\n### {}\n\n", operatorHeading(r, top)) + operatorTable(r, top).markdown();
  if (!r.roofs.empty()) out += "\n### Roofs\n\n" + roofTable(r.roofs).markdown();
  if (!r.findings.empty()) out += "\n### Findings\n\n";
  for (const auto& f : r.findings) out += "- " + f.text + "\n";
  for (const auto& line : reportRemarks(r)) out += "\n> " + line + "\n";
  return out;
}

}  // namespace ridgeline::cli
