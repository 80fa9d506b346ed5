#include "cli/text/html_report.h"

#include "base/units.h"
#include "cli/text/html_parts.h"
#include "cli/text/report_words.h"
#include "cli/text/roofs_text.h"
#include "cli/version.h"

#include <algorithm>

namespace ridgeline::cli {
namespace {

using analyzers::Report;
using html::Unit;

std::string tile(const std::string& value, const std::string& what) {
  return fmt::format("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n", xmlEscaped(value), xmlEscaped(what));
}

std::string headline(const Report& r) {
  const auto name = r.model.empty() ? r.profileName : r.model;
  auto parts = reportOrigin(r);
  parts.push_back("Ridgeline " + std::string(kVersion));
  return fmt::format("<h1>{}</h1>\n<p class=\"quiet\">{}</p>\n", xmlEscaped(name),
                     xmlEscaped(fmt::format("{}", fmt::join(parts, " · "))));
}

// Of a recording of others: its steps, and the device that did least.
std::string recordingTiles(const Report& r) {
  std::string out;
  int64_t steps = 0, kernels = 0;
  double kernelMs = 0;
  for (const auto& rank : r.recorded.ranks) steps = std::max(steps, rank.steps);
  for (const auto& k : r.recorded.kernels) kernels += k.calls, kernelMs += k.timeMs;
  if (r.observedLatencyMs) out += tile(formatMs(*r.observedLatencyMs), fmt::format("a step, median of {}", steps));
  const auto& devices = r.recorded.devices;
  const auto idlest = std::min_element(devices.begin(), devices.end(),
                                       [](const auto& a, const auto& b) { return a.busyShare() < b.busyShare(); });
  if (idlest != devices.end()) {
    out += tile(formatPercent(idlest->busyShare()),
                devices.size() == 1 ? "the device was busy" : "the least busy device was busy");
    out += tile(formatMs(idlest->idleMs()), fmt::format("idle of {}", formatMs(idlest->spanMs)));
  }
  if (kernels > 0) out += tile(formatMs(kernelMs), fmt::format("in {} kernels", kernels));
  if (!r.advice.empty() && r.advice.front().predictedGainMs) {
    out += tile(formatMs(*r.advice.front().predictedGainMs),
                fmt::format("the largest gain predicted: {}", r.advice.front().rule));
  }
  return out;
}

std::string tiles(const Report& r) {
  std::string out = "<div class=\"tiles\">\n";
  if (r.recorded.isRecording()) out += recordingTiles(r);
  if (r.latencyMs) {
    out += tile(formatMs(*r.latencyMs),
                r.latencyLoMs ? fmt::format("latency, 95 % interval {} to {}, {} runs", formatMs(*r.latencyLoMs),
                                            formatMs(*r.latencyHiMs), r.plainRuns)
                              : std::string("latency"));
  }
  if (r.operatorTimeMs > 0 && r.recorded.kernels.empty()) {
    out += tile(formatMs(r.operatorTimeMs), fmt::format("in {} operators", r.operators.size()));
    if (r.headroomMs > 0) out += tile(formatMs(r.headroomMs), "headroom: time above the roofs");
  }
  if (r.observedLatencyMs && !r.recorded.isRecording()) {
    out += tile(formatMs(*r.observedLatencyMs), "while observed, which costs");
  }
  return out + "</div>\n";
}

// Time by what bounds it, as a bar and in words.
std::string whereTheTimeGoes(const Report& r) {
  std::vector<html::BarPart> parts;
  for (const auto& entry : timeByBound(r)) parts.push_back({entry.bound, html::classOf(entry.kind), entry.timeMs});
  if (parts.empty()) return {};
  return fmt::format("<h2>{}</h2>\n", boundHeading(r)) + html::stackedBar(parts, r.operatorTimeMs);
}

profile::Cell cell(const std::optional<double>& v) { return v ? profile::Cell(*v) : profile::Cell(); }

std::string operators(const Report& r) {
  if (r.operators.empty()) return {};
  const bool ranks = r.recorded.ranks.size() > 1;
  const bool roofs = std::any_of(r.operators.begin(), r.operators.end(), [](const auto& o) { return o.roofTimeMs; });
  std::vector<html::Column> columns{{"operator"}, {"type"}};
  if (ranks) columns.push_back({"rank"});
  columns.insert(columns.end(), {{"calls", Unit::Count}, {"time", Unit::Ms}, {"share", Unit::Share}});
  if (roofs) {
    columns.insert(columns.end(), {{"at roof", Unit::Ms},
                                   {"headroom", Unit::Ms},
                                   {"bound"},
                                   {"operations/s", Unit::Gops},
                                   {"bytes/s", Unit::Gbps}});
  }
  columns.insert(columns.end(), {{"inputs"}, {"time is"}});
  html::Table table(columns);
  for (const auto& o : r.operators) {
    std::vector<profile::Cell> cells{o.name, o.opType};
    if (ranks) cells.emplace_back(o.rank);
    cells.insert(cells.end(), {o.calls, o.timeMs, cell(o.share)});
    if (roofs) {
      cells.insert(cells.end(), {cell(o.roofTimeMs), cell(o.headroomMs), o.boundText(), cell(o.achievedGflops),
                                 cell(o.achievedGbps)});
    }
    cells.insert(cells.end(), {o.inputShapes, std::string(nameOf(o.provenanceTime))});
    table.add(std::move(cells));
  }
  return fmt::format(
             "<h2>Operators, by {}</h2>\n<input class=\"filter\" placeholder=\"filter operators\" "
             "aria-label=\"filter operators\">\n",
             roofs ? "headroom" : "time") +
         table.html();
}

std::string findings(const Report& r) {
  if (r.findings.empty()) return {};
  std::string out = "<h2>Findings</h2>\n<ul class=\"findings\">\n";
  size_t shown = 0;
  for (const auto& f : r.findings) {
    if (++shown > 100) break;
    out += fmt::format("<li class=\"{}\">{}</li>\n", nameOf(f.severity), xmlEscaped(f.text));
  }
  return out + "</ul>\n";
}

std::string roofs(const Report& r) {
  if (r.roofs.empty()) return {};
  html::Table table({{"roof"}, {"value"}, {"spread", Unit::Share}, {"threads", Unit::Count}, {"from"}, {"how"}});
  for (const auto& roof : r.roofs) {
    table.add({roofName(roof), roofValue(roof), roof.spread, static_cast<int64_t>(roof.threads),
               std::string(nameOf(roof.provenance)), roof.how});
  }
  return "<h2>Roofs</h2>\n" + table.html();
}

struct Section {
  const char* title;
  const char* sql;
  std::vector<html::Column> columns;
};

std::vector<Section> sections() {
  return {
      {"Devices",
       "SELECT device, rank, span_ms, busy_share, compute_ms, communication_ms, copy_ms, communication_hidden, "
       "copy_hidden, kernels, launch_delay_us FROM device_time",
       {{"device"},
        {"rank"},
        {"span", Unit::Ms},
        {"busy", Unit::Share},
        {"computing", Unit::Ms},
        {"communicating", Unit::Ms},
        {"copying", Unit::Ms},
        {"communication hidden", Unit::Share},
        {"copies hidden", Unit::Share},
        {"kernels", Unit::Count},
        {"launch delay", Unit::Us}}},
      {"Why devices were idle",
       "SELECT device, rank, reason, count, total_ms, share, longest_us FROM idle_time",
       {{"device"},
        {"rank"},
        {"reason"},
        {"times", Unit::Count},
        {"total", Unit::Ms},
        {"share", Unit::Share},
        {"longest", Unit::Us}}},
      {"Copies",
       "SELECT device, rank, direction, count, total_ms, mbytes, gb_per_s FROM copies",
       {{"device"},
        {"rank"},
        {"direction"},
        {"count", Unit::Count},
        {"total", Unit::Ms},
        {"size", Unit::Mbytes},
        {"rate", Unit::Gbps}}},
      {"Tried",
       "SELECT rule, variant, target, exactness, predicted_gain_ms, measured_gain_ms, ratio, verdict, decision, reason "
       "FROM trials",
       {{"rule"},
        {"variant"},
        {"target"},
        {"exactness"},
        {"predicted gain", Unit::Ms},
        {"measured gain", Unit::Ms},
        {"ratio", Unit::Number},
        {"verdict"},
        {"decision"},
        {"reason"}}}};
}

Result<std::string> fromViews(const profile::Profile& profile) {
  std::string out;
  for (auto& section : sections()) {
    auto table = html::tableOf(profile, section.sql, std::move(section.columns));
    if (!table) return passOn(table);
    if (!table->empty()) out += fmt::format("<h2>{}</h2>\n{}", section.title, table->html());
  }
  return out;
}

std::string remarks(const Report& r) {
  std::string out;
  for (const auto& line : reportRemarks(r)) out += fmt::format("<p class=\"quiet\">{}</p>\n", xmlEscaped(line));
  return out.empty() ? out : "<h2>Remarks</h2>\n" + out;
}

}  // namespace

Result<std::string> reportHtml(const Report& r, const profile::Profile& profile) {
  auto timeline = html::timelineSvg(profile);
  if (!timeline) return passOn(timeline);
  auto views = fromViews(profile);
  if (!views) return passOn(views);
  const auto roofline = html::rooflineSvg(r);
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src "
      "'unsafe-inline'\">\n";
  out += fmt::format("<title>{} · Ridgeline</title>\n<style>{}</style></head>\n<body><main>\n",
                     xmlEscaped(r.model.empty() ? r.profileName : r.model), html::kStyle);
  out += headline(r) + tiles(r) + html::devicesHtml(r) + whereTheTimeGoes(r) + html::adviceHtml(r) + findings(r);
  if (!roofline.empty() && !r.roofs.empty()) {
    out += "<h2>Roofline</h2>\n" + roofline +
           "<p class=\"quiet\">A circle is an operator; its area is its time. Times are measured; operations and bytes "
           "are "
           "modelled from shapes unless the table says otherwise.</p>\n";
  }
  if (!timeline->empty()) out += "<h2>Timeline</h2>\n" + *timeline;
  out += html::pathsHtml(r);
  out += html::kernelsHtml(r) + (r.recorded.kernels.empty() ? operators(r) + *views : *views + operators(r));
  out += roofs(r) + remarks(r);
  out += fmt::format("</main>\n<script>{}</script>\n</body></html>\n", html::kScript);
  return out;
}

}  // namespace ridgeline::cli
