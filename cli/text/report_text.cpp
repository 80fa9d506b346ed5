#include "cli/text/report_text.h"

#include "base/units.h"
#include "cli/text/roofs_text.h"
#include "cli/text/table.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace ridgeline::cli {
namespace {

std::string orDash(const std::optional<double>& v, std::string (*format)(double)) { return v ? format(*v) : "-"; }

std::string latencyLine(const analyzers::Report& r) {
  if (!r.latencyMs) return "no plain run was recorded";
  std::string line = formatMs(*r.latencyMs);
  if (r.latencyLoMs && r.latencyHiMs) {
    line += fmt::format(" (95 % interval {} to {}, {} runs)", formatMs(*r.latencyLoMs), formatMs(*r.latencyHiMs),
                        r.plainRuns);
  }
  return line;
}

std::string observedLine(const analyzers::Report& r) {
  if (!r.observedLatencyMs) return "no observed run was recorded";
  std::string line = formatMs(*r.observedLatencyMs);
  if (r.latencyMs && *r.latencyMs > 0) {
    line += fmt::format(" ({:+.1f} % for observing, {} runs); operators sum to {}",
                        (*r.observedLatencyMs / *r.latencyMs - 1) * 100, r.observedRuns, formatMs(r.operatorTimeMs));
  }
  return line;
}

std::string bar(double share, int cells) {
  const int eighths = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * cells * 8));
  static const char* parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string out;
  for (int i = 0; i < eighths / 8; ++i) out += "█";
  return out + parts[eighths % 8];
}

struct Slice {
  double timeMs = 0, headroomMs = 0;
  int operators = 0;
};

// Time by what bounds it, largest first.
std::vector<std::pair<std::string, Slice>> byBound(const analyzers::Report& r) {
  std::map<std::string, Slice> slices;
  for (const auto& o : r.operators) {
    if (o.depth > 0) continue;
    auto& s = slices[o.boundText()];
    s.timeMs += o.timeMs;
    s.headroomMs += o.headroomMs.value_or(0);
    ++s.operators;
  }
  std::vector<std::pair<std::string, Slice>> sorted(slices.begin(), slices.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.second.timeMs > b.second.timeMs; });
  return sorted;
}

std::string whereTheTimeGoes(const analyzers::Report& r) {
  std::string out;
  for (const auto& [bound, slice] : byBound(r)) {
    const double share = r.operatorTimeMs > 0 ? slice.timeMs / r.operatorTimeMs : 0;
    out +=
        fmt::format("  {:<16}{:>9}  {:>6}  {}\n", bound, formatMs(slice.timeMs), formatPercent(share), bar(share, 30));
  }
  return out;
}

std::string speedOf(const analyzers::ReportOperator& o) {
  if (o.bound == profile::Bound::Memory && o.achievedGbps) return formatRate(*o.achievedGbps * 1e9, "B");
  if (o.achievedGflops && *o.achievedGflops > 0) return formatRate(*o.achievedGflops * 1e9, "OP");
  return o.achievedGbps ? formatRate(*o.achievedGbps * 1e9, "B") : "-";
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

std::string headline(const analyzers::Report& r) {
  return fmt::format("{}: {}", r.model.empty() ? r.profileName : r.model,
                     r.latencyMs ? formatMs(*r.latencyMs) : "no latency");
}

std::vector<std::string> remarks(const analyzers::Report& r) {
  std::vector<std::string> lines;
  if (!r.complete) lines.push_back("This recording was cut short; what it had is shown.");
  if (r.syntheticInputs)
    lines.push_back("Inputs were made up from shapes; give record --inputs DIR with your own where values matter.");
  lines.insert(lines.end(), r.notes.begin(), r.notes.end());
  return lines;
}

}  // namespace

std::string reportText(const analyzers::Report& r, int top) {
  std::string out = headline(r) + "\n";
  out += fmt::format("{}, {} {}, {}, {}\n\n", r.device, r.threads, r.threads == 1 ? "thread" : "threads", r.engine,
                     r.created);
  out += fmt::format("  {:<16}{}\n", "plain runs", latencyLine(r));
  out += fmt::format("  {:<16}{}\n", "observed runs", wrap(observedLine(r), 80, 18));
  out += roofLines(r.roofs);
  out += "\nWhere the time goes\n" + whereTheTimeGoes(r);
  const auto count = r.operators.size();
  out += fmt::format("\nHot spots, by headroom ({} of {} operators)\n",
                     std::min<size_t>(static_cast<size_t>(std::max(top, 0)), count), count);
  out += hotSpots(r, top).text();
  if (!r.findings.empty()) out += "\nFindings\n";
  int shown = 0;
  for (const auto& f : r.findings) {
    if (shown++ == top) {
      out += fmt::format("  and {} more: ridgeline query {} \"SELECT text FROM finding\"\n",
                         r.findings.size() - static_cast<size_t>(top), r.profileName);
      break;
    }
    out += fmt::format("  {} {}\n", f.severity == profile::Severity::Warning ? "!" : "-", wrap(f.text, 94, 4));
  }
  const auto lines = remarks(r);
  if (!lines.empty()) out += "\n";
  for (const auto& line : lines) out += wrap(line, 98, 2) + "\n";
  return out;
}

std::string reportMarkdown(const analyzers::Report& r, int top) {
  std::string out = fmt::format("## {}\n\n{}, {} threads, {}\n\n", headline(r), r.device, r.threads, r.engine);
  out += fmt::format("| | |\n| --- | --- |\n| plain runs | {} |\n| observed runs | {} |\n", latencyLine(r),
                     observedLine(r));
  out += "\n### Where the time goes\n\n| bound | time | share |\n| --- | ---: | ---: |\n";
  for (const auto& [bound, slice] : byBound(r)) {
    out += fmt::format("| {} | {} | {} |\n", bound, formatMs(slice.timeMs),
                       formatPercent(r.operatorTimeMs > 0 ? slice.timeMs / r.operatorTimeMs : 0));
  }
  out += "\n### Hot spots, by headroom\n\n" + hotSpots(r, top).markdown();
  out += "\n### Roofs\n\n" + roofTable(r.roofs).markdown();
  if (!r.findings.empty()) out += "\n### Findings\n\n";
  for (const auto& f : r.findings) out += "- " + f.text + "\n";
  for (const auto& line : remarks(r)) out += "\n> " + line + "\n";
  return out;
}

}  // namespace ridgeline::cli
