#include "cli/text/diff_text.h"

#include "base/units.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::cli {
namespace {

using analyzers::Diff;
using analyzers::DiffRow;
using analyzers::DiffStatus;
using analyzers::DiffVerdict;

std::string verdictLine(const Diff& diff) {
  if (!diff.latency) return "no verdict";
  const auto& l = *diff.latency;
  switch (l.verdict) {
    case DiffVerdict::Same:
      return fmt::format("same: within 5 %, {} to {}", signedPercent(l.ci95.lo), signedPercent(l.ci95.hi));
    case DiffVerdict::Faster:
      return fmt::format("faster, by {:.3g}x", 1 / l.ratio);
    case DiffVerdict::Slower:
      return fmt::format("slower, by {:.3g}x", l.ratio);
    case DiffVerdict::Inconclusive:
      break;
  }
  return "inconclusive: the difference is within what two recordings of the same thing may differ by";
}

std::string latencyLine(const Diff& diff) {
  if (!diff.latency) return "not known";
  const auto& l = *diff.latency;
  return fmt::format("{} -> {}, {} (95 % interval {} to {})", formatMs(l.aMs), formatMs(l.bMs), signedPercent(l.ratio),
                     signedPercent(l.ci95.lo), signedPercent(l.ci95.hi));
}

std::string latencyName(const Diff& diff) {
  if (diff.latencyOf == "kernels") return "kernel time";
  if (diff.latencyOf == "operators") return "operator time";
  return "latency";
}

std::string nameOfSide(const analyzers::DiffSide& side) {
  return side.model.empty() ? side.profileName : fmt::format("{} ({})", side.profileName, side.model);
}

size_t changed(const analyzers::ItemDiff& items) {
  return static_cast<size_t>(std::count_if(items.rows.begin(), items.rows.end(),
                                           [](const DiffRow& r) { return r.status != DiffStatus::Same; }));
}

std::string countLine(const analyzers::ItemDiff& items, std::string_view what) {
  size_t counts[4] = {};
  for (const auto& r : items.rows) ++counts[static_cast<size_t>(r.status)];
  return fmt::format("{}: {} changed, {} added, {} removed, {} same", what, counts[1], counts[2], counts[3], counts[0]);
}

std::string statusOf(const DiffRow& row) {
  if (!row.renamedFrom.empty()) return row.status == DiffStatus::Same ? "renamed" : "renamed, changed";
  if (row.aMs && row.bMs && row.shapesA != row.shapesB) {
    return row.status == DiffStatus::Same ? "other shape" : "changed, other shape";
  }
  return std::string(nameOf(row.status));
}

void addItems(std::string& out, const analyzers::ItemDiff& items, std::string_view what, int top) {
  if (items.rows.empty()) return;
  out += "\n" + countLine(items, what) + "\n";
  out += diffTable(items, static_cast<size_t>(std::max(top, 0))).text();
  if (items.rows.size() > static_cast<size_t>(std::max(top, 0))) {
    out += fmt::format("  and {} more; --top N lists more, --format json all\n",
                       items.rows.size() - static_cast<size_t>(std::max(top, 0)));
  }
}

}  // namespace

std::string signedMs(double ms) { return (ms < 0 ? "-" : "+") + formatMs(std::fabs(ms)); }

std::string signedPercent(double ratio) { return fmt::format("{:+.1f} %", (ratio - 1) * 100); }

Table diffTable(const analyzers::ItemDiff& items, size_t top) {
  Table table({{"name", Align::Left, 34},
               {"type", Align::Left, 14},
               {"A", Align::Right},
               {"B", Align::Right},
               {"change", Align::Right},
               {"95 % interval", Align::Right},
               {"", Align::Left}});
  for (const auto& row : items.rows) {
    if (top-- == 0) break;
    table.add({row.name, row.type, row.aMs ? formatMs(*row.aMs) : "-", row.bMs ? formatMs(*row.bMs) : "-",
               signedMs(row.deltaMs), fmt::format("{} .. {}", signedMs(row.ci95.lo), signedMs(row.ci95.hi)),
               statusOf(row)});
  }
  return table;
}

std::string diffText(const Diff& diff, int top) {
  std::string out = fmt::format("A: {}\nB: {}\n\n", nameOfSide(diff.a), nameOfSide(diff.b));
  out += fmt::format("  {:<16}{}\n", latencyName(diff), latencyLine(diff));
  out += fmt::format("  {:<16}{}\n", "verdict", wrap(verdictLine(diff), 80, 18));
  for (const auto& s : diff.settings) out += fmt::format("  {:<16}{}\n", "not alike", wrap(s, 80, 18));
  const double common = diff.kernels.matched > 0 ? diff.kernels.commonRatio : diff.operators.commonRatio;
  if (std::fabs(common - 1) >= 0.01) {
    out += fmt::format("  {:<16}{}\n", "shared by all", signedPercent(common));
  }
  addItems(out, diff.operators, "Operators", top);
  addItems(out, diff.kernels, "Kernels", top);
  if (!diff.notes.empty()) out += "\n";
  for (const auto& n : diff.notes) out += wrap(n, 98, 2) + "\n";
  return out;
}

std::string diffMarkdown(const Diff& diff, int top) {
  std::string out = fmt::format("## {} against {}\n\n", nameOfSide(diff.b), nameOfSide(diff.a));
  out += fmt::format("| | |\n| --- | --- |\n| {} | {} |\n| verdict | {} |\n", latencyName(diff), latencyLine(diff),
                     verdictLine(diff));
  for (const auto& s : diff.settings) out += fmt::format("| not alike | {} |\n", s);
  const auto add = [&](const analyzers::ItemDiff& items, std::string_view what) {
    if (items.rows.empty()) return;
    const auto shown = std::min(std::max<size_t>(changed(items), 5), static_cast<size_t>(std::max(top, 0)));
    out += fmt::format("\n### {}\n\n{}", countLine(items, what), diffTable(items, shown).markdown());
  };
  add(diff.operators, "Operators");
  add(diff.kernels, "Kernels");
  for (const auto& n : diff.notes) out += "\n> " + n + "\n";
  return out;
}

}  // namespace ridgeline::cli
