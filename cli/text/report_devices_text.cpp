#include "cli/text/report_devices_text.h"

#include "analyzers/kernel_name.h"
#include "base/units.h"
#include "cli/text/report_words.h"
#include "cli/text/table.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::cli {
namespace {

using analyzers::Report;
using analyzers::ReportDevice;

constexpr size_t kDevicesInFull = 4, kPathsInFull = 2, kPathParts = 5;
constexpr double kWorthALine = 0.001;

std::string us(double v) { return formatMs(v * 1e-3); }
std::string percent(const std::optional<double>& v) { return v ? formatPercent(*v) : "-"; }

bool anyBound(const Report& r) {
  return std::any_of(r.recorded.kernels.begin(), r.recorded.kernels.end(),
                     [](const auto& k) { return k.bound != profile::Bound::Unknown; });
}

Table deviceTable(const Report& r) {
  Table table({{"device", Align::Left, 44},
               {"span", Align::Right},
               {"busy", Align::Right},
               {"computing", Align::Right},
               {"communicating", Align::Right},
               {"copying", Align::Right},
               {"kernels", Align::Right}});
  for (const auto& d : r.recorded.devices) {
    table.add({deviceTitle(r, d.rank, d.name), formatMs(d.spanMs), formatPercent(d.busyShare()), formatMs(d.computeMs),
               formatMs(d.communicationMs), formatMs(d.copyMs), std::to_string(d.kernels)});
  }
  return table;
}

std::string deviceInFull(const Report& r, const ReportDevice& d) {
  std::string out =
      fmt::format("  {}: busy {} of {}, {} {}\n", deviceTitle(r, d.rank, d.name), formatPercent(d.busyShare()),
                  formatMs(d.spanMs), d.kernels, d.kernels == 1 ? "kernel" : "kernels");
  for (const auto& part : d.parts()) {
    const double share = d.spanMs > 0 ? part.ms / d.spanMs : 0;
    if (share < kWorthALine) continue;
    out += fmt::format("    {:<37}{:>9}  {:>7}  {}\n", part.what, formatMs(part.ms), formatPercent(share),
                       shareBar(share, 30));
  }
  return out;
}

Table kernelTable(const Report& r, int top) {
  const bool ranks = r.recorded.devices.size() > 1, bound = anyBound(r);
  std::vector<Column> columns{{"kernel", Align::Left, 60}};
  if (ranks) columns.push_back({"device", Align::Left, 16});
  columns.insert(columns.end(), {{"calls", Align::Right},
                                 {"time", Align::Right},
                                 {"share", Align::Right},
                                 {"median", Align::Right},
                                 {"grid", Align::Left, 12}});
  columns.push_back(bound ? Column{"bound", Align::Left, 13} : Column{"launched by", Align::Left, 20});
  if (bound) columns.push_back({"headroom", Align::Right});
  Table table(columns);
  for (const auto& k : r.recorded.kernels) {
    if (top-- <= 0) break;
    std::vector<std::string> cells{analyzers::shortKernelName(k.name)};
    if (ranks) cells.push_back(deviceTitle(r, k.rank, k.device));
    cells.insert(cells.end(), {std::to_string(k.calls), formatMs(k.timeMs), percent(k.share), us(k.medianUs), k.grid});
    cells.push_back(bound ? analyzers::boundText(k.bound, k.level) : k.op);
    if (bound) cells.push_back(k.headroomMs ? formatMs(*k.headroomMs) : "-");
    table.add(cells);
  }
  return table;
}

std::string kernelHeading(const Report& r, int top) {
  const auto count = r.recorded.kernels.size();
  return fmt::format("Kernels, by time ({} of {})", std::min(count, static_cast<size_t>(std::max(top, 0))), count);
}

Table copyTable(const Report& r) {
  const bool ranks = r.recorded.devices.size() > 1;
  std::vector<Column> columns{{"copies", Align::Left, 20}, {"host memory", Align::Left}};
  if (ranks) columns.push_back({"device", Align::Left, 30});
  columns.insert(columns.end(),
                 {{"count", Align::Right}, {"time", Align::Right}, {"size", Align::Right}, {"rate", Align::Right}});
  Table table(columns);
  for (const auto& c : r.recorded.copies) {
    auto direction = c.direction;
    std::replace(direction.begin(), direction.end(), '_', ' ');
    std::vector<std::string> cells{direction, !c.pinned ? "" : *c.pinned ? "pinned" : "pageable"};
    if (ranks) cells.push_back(deviceTitle(r, c.rank, c.device));
    cells.insert(cells.end(), {std::to_string(c.count), formatMs(c.totalMs), c.bytes ? formatBytes(*c.bytes) : "-",
                               c.gbPerS ? formatRate(*c.gbPerS * 1e9, "B") : "-"});
    table.add(cells);
  }
  return table;
}

}  // namespace

std::string shareBar(double share, int cells) {
  const int eighths = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * cells * 8));
  static const char* parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string out;
  for (int i = 0; i < eighths / 8; ++i) out += "█";
  return out + parts[eighths % 8];
}

std::string devicesText(const Report& r) {
  const auto& devices = r.recorded.devices;
  if (devices.empty()) return {};
  std::string out = "\nWhat devices did\n";
  if (devices.size() > kDevicesInFull) {
    out += deviceTable(r).text(2, kTerminalColumns);
    const auto idlest = std::max_element(devices.begin(), devices.end(),
                                         [](const auto& a, const auto& b) { return a.busyShare() > b.busyShare(); });
    return out + "  Least busy of them:\n" + deviceInFull(r, *idlest);
  }
  for (const auto& device : devices) out += deviceInFull(r, device);
  return out;
}

std::string pathsText(const Report& r) {
  std::string out;
  size_t shown = 0;
  for (const auto& path : r.recorded.paths) {
    if (path.totalMs <= 0 || shown++ >= kPathsInFull) continue;
    auto title = pathTitle(r, path);
    title[0] = 'C';
    out += fmt::format("\n{}: {} on the host\n", title, formatPercent(path.hostMs / path.totalMs));
    for (size_t i = 0; i < std::min(kPathParts, path.parts.size()); ++i) {
      const auto& part = path.parts[i];
      const double share = part.ms / path.totalMs;
      if (share < 0.01) break;
      auto what = part.name.empty() ? analyzers::pathText(part.what) : analyzers::shortKernelName(part.name);
      if (!part.name.empty() && !what.starts_with(part.what)) what = part.what + " " + what;
      out += fmt::format("  {:>9}  {:>6}  {}\n", formatMs(part.ms), formatPercent(share),
                         shorten(part.count > 1 ? fmt::format("{} ({} times)", what, part.count) : what, 76));
    }
  }
  if (shown > kPathsInFull) out += fmt::format("  and of {} more ranks\n", shown - kPathsInFull);
  return out;
}

std::string kernelsText(const Report& r, int top) {
  std::string out;
  if (!r.recorded.kernels.empty()) {
    out += "\n" + kernelHeading(r, top) + "\n" + kernelTable(r, top).text(2, kTerminalColumns);
  }
  if (!r.recorded.copies.empty()) out += "\nCopies\n" + copyTable(r).text(2, kTerminalColumns);
  return out;
}

std::string adviceSection(const Report& r, int top) {
  if (r.advice.empty()) return {};
  std::string out = "\nWhat to do\n";
  for (const auto& a : r.advice) {
    if (top-- <= 0) break;
    const auto name = a.variant.empty() ? a.rule : a.rule + " " + a.variant;
    out += fmt::format("  {} ({}){}: {} predicted\n", name, a.lossy ? "lossy" : "exact",
                       a.target.empty() ? "" : ", " + shorten(a.target, 50), gainText(r, a));
    for (const auto& line : a.evidence) out += fmt::format("    - {}\n", wrap(line, 92, 6));
    if (!a.risk.empty()) out += fmt::format("    {}\n", wrap(a.risk, 94, 4));
  }
  return out;
}

std::string devicesMarkdown(const Report& r) {
  if (r.recorded.devices.empty()) return {};
  std::string out = "\n### Devices\n\n" + deviceTable(r).markdown();
  Table idle({{"device"}, {"why idle"}, {"times", Align::Right}, {"time", Align::Right}, {"share", Align::Right}});
  for (const auto& d : r.recorded.devices) {
    for (const auto& cause : d.idle) {
      idle.add({deviceTitle(r, d.rank, d.name), analyzers::idleText(cause.reason), std::to_string(cause.count),
                formatMs(cause.totalMs), percent(cause.share)});
    }
  }
  return idle.empty() ? out : out + "\n" + idle.markdown();
}

std::string kernelsMarkdown(const Report& r, int top) {
  std::string out;
  if (!r.recorded.kernels.empty()) out += "\n### " + kernelHeading(r, top) + "\n\n" + kernelTable(r, top).markdown();
  if (!r.recorded.copies.empty()) out += "\n### Copies\n\n" + copyTable(r).markdown();
  return out;
}

std::string adviceTable(const Report& r, int top) {
  if (r.advice.empty()) return {};
  Table table({{"what to do"}, {"where"}, {"predicted gain", Align::Right}, {"numbers"}, {"evidence"}});
  for (const auto& a : r.advice) {
    if (top-- <= 0) break;
    table.add({a.variant.empty() ? a.rule : a.rule + " " + a.variant, a.target, gainText(r, a),
               a.lossy ? "lossy" : "exact", a.evidence.empty() ? "" : a.evidence.front()});
  }
  return "\n### Advice\n\n" + table.markdown();
}

}  // namespace ridgeline::cli
