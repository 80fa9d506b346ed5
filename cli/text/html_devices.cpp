// What accelerators did, what made a step long, and what to do about it.
#include "analyzers/kernel_name.h"
#include "base/units.h"
#include "cli/text/html_parts.h"
#include "cli/text/report_words.h"

#include <algorithm>

namespace ridgeline::cli::html {
namespace {

constexpr size_t kMostDevices = 16, kMostPaths = 4, kMostParts = 12;

std::string percent(double part, double whole) { return formatPercent(whole > 0 ? part / whole : 0); }

}  // namespace

std::string stackedBar(const std::vector<BarPart>& parts, double whole) {
  std::string bar, legend;
  for (const auto& part : parts) {
    const auto text = fmt::format("{}: {}, {}", part.what, formatMs(part.ms), percent(part.ms, whole));
    bar += fmt::format("<i class=\"{}\" style=\"width:{:.2f}%\" title=\"{}\"></i>", part.cssClass,
                       whole > 0 ? part.ms / whole * 100 : 0, xmlEscaped(text));
    legend += fmt::format("<span><i class=\"{}\"></i>{}</span>", part.cssClass, xmlEscaped(text));
  }
  return fmt::format("<div class=\"stack\">{}</div>\n<div class=\"legend\">{}</div>\n", bar, legend);
}

std::string devicesHtml(const analyzers::Report& r) {
  const auto& devices = r.recorded.devices;
  if (devices.empty()) return {};
  std::string out = "<h2>What devices did</h2>\n";
  for (size_t i = 0; i < std::min(kMostDevices, devices.size()); ++i) {
    const auto& d = devices[i];
    std::vector<BarPart> parts;
    for (const auto& part : d.parts()) {
      const bool idle = part.what.starts_with("idle");
      parts.push_back({part.what,
                       idle && part.bound == profile::Bound::Overhead ? "p-late"
                       : idle                                         ? "b-idle"
                                                                      : classOf(part.bound),
                       part.ms});
    }
    out += fmt::format("<p>{}: busy <b>{}</b> of {}, {} kernels</p>\n", xmlEscaped(deviceTitle(r, d.rank, d.name)),
                       formatPercent(d.busyShare()), formatMs(d.spanMs), d.kernels);
    out += stackedBar(parts, d.spanMs);
  }
  if (devices.size() > kMostDevices) {
    out += fmt::format("<p class=\"quiet\">{} more devices are in the table.</p>\n", devices.size() - kMostDevices);
  }
  return out;
}

std::string pathsHtml(const analyzers::Report& r) {
  std::string out;
  size_t shown = 0;
  for (const auto& path : r.recorded.paths) {
    if (path.totalMs <= 0 || shown++ >= kMostPaths) continue;
    out += fmt::format("<p>{}: <b>{}</b> on the host</p>\n", xmlEscaped(pathTitle(r, path)),
                       percent(path.hostMs, path.totalMs));
    Table table({{"part"}, {"what"}, {"times", Unit::Count}, {"time", Unit::Ms}, {"share", Unit::Share}});
    for (size_t i = 0; i < std::min(kMostParts, path.parts.size()); ++i) {
      const auto& part = path.parts[i];
      table.add({part.name.empty() ? analyzers::pathText(part.what) : part.what, analyzers::shortKernelName(part.name),
                 part.count, part.ms, part.ms / path.totalMs});
    }
    out += table.html();
  }
  return out.empty() ? out : "<h2>What made a step as long as it is</h2>\n" + out;
}

std::string kernelsHtml(const analyzers::Report& r) {
  if (r.recorded.kernels.empty()) return {};
  Table table({{"kernel"},
               {"device"},
               {"calls", Unit::Count},
               {"total", Unit::Ms},
               {"share", Unit::Share},
               {"mean", Unit::Us},
               {"median", Unit::Us},
               {"longest", Unit::Us},
               {"grid"},
               {"block"},
               {"launched by"},
               {"bound"},
               {"headroom", Unit::Ms}});
  const auto cell = [](const std::optional<double>& v) { return v ? profile::Cell(*v) : profile::Cell(); };
  for (const auto& k : r.recorded.kernels) {
    table.add({analyzers::shortKernelName(k.name), deviceTitle(r, k.rank, k.device), k.calls, k.timeMs, cell(k.share),
               k.meanUs, k.medianUs, k.maxUs, k.grid, k.block, k.op, analyzers::boundText(k.bound, k.level),
               cell(k.headroomMs)});
  }
  return "<h2>Kernels, by time</h2>\n<input class=\"filter\" placeholder=\"filter kernels\" "
         "aria-label=\"filter kernels\">\n" +
         table.html();
}

std::string adviceHtml(const analyzers::Report& r) {
  if (r.advice.empty()) return {};
  constexpr size_t kMost = 50;
  std::string out = "<h2>What to do</h2>\n<ul class=\"advice\">\n";
  for (size_t i = 0; i < std::min(kMost, r.advice.size()); ++i) {
    const auto& a = r.advice[i];
    out += fmt::format("<li><b>{}</b> <span class=\"gain\">{} predicted</span> <span class=\"quiet\">{}{}</span><ul>",
                       xmlEscaped(a.variant.empty() ? a.rule : a.rule + " " + a.variant), gainText(r, a),
                       a.lossy ? "lossy" : "exact", a.target.empty() ? "" : " · " + xmlEscaped(a.target));
    for (const auto& line : a.evidence) out += fmt::format("<li>{}</li>", xmlEscaped(line));
    if (!a.risk.empty()) out += fmt::format("<li class=\"quiet\">{}</li>", xmlEscaped(a.risk));
    out += "</ul></li>\n";
  }
  if (r.advice.size() > kMost) out += fmt::format("<li class=\"quiet\">and {} more</li>\n", r.advice.size() - kMost);
  return out + "</ul>\n";
}

}  // namespace ridgeline::cli::html
