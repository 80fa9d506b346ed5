#include "cli/text/html_report.h"

#include "base/units.h"
#include "cli/text/html_parts.h"
#include "cli/text/roofs_text.h"
#include "cli/version.h"

#include <algorithm>
#include <map>

namespace ridgeline::cli {
namespace {

using analyzers::Report;
using html::escaped;
using html::Unit;

std::string tile(const std::string& value, const std::string& what) {
  return fmt::format("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n", escaped(value), escaped(what));
}

std::string headline(const Report& r) {
  const auto name = r.model.empty() ? r.profileName : r.model;
  std::string under;
  for (const auto& part : {r.device, r.threads > 0 ? fmt::format("{} threads", r.threads) : std::string(), r.engine,
                           r.created, "Ridgeline " + std::string(kVersion)}) {
    if (!part.empty()) under += (under.empty() ? "" : " · ") + escaped(part);
  }
  return fmt::format("<h1>{}</h1>\n<p class=\"quiet\">{}</p>\n", escaped(name), under);
}

std::string tiles(const Report& r) {
  std::string out = "<div class=\"tiles\">\n";
  if (r.latencyMs) {
    out += tile(formatMs(*r.latencyMs),
                r.latencyLoMs ? fmt::format("latency, 95 % interval {} to {}, {} runs", formatMs(*r.latencyLoMs),
                                            formatMs(*r.latencyHiMs), r.plainRuns)
                              : std::string("latency"));
  }
  if (r.operatorTimeMs > 0) {
    out += tile(formatMs(r.operatorTimeMs), fmt::format("in {} operators", r.operators.size()));
    if (r.headroomMs > 0) out += tile(formatMs(r.headroomMs), "headroom: time above the roofs");
  }
  if (r.observedLatencyMs) out += tile(formatMs(*r.observedLatencyMs), "while observed, which costs");
  return out + "</div>\n";
}

// Time by what bounds it, as a bar and in words.
std::string whereTheTimeGoes(const Report& r) {
  if (!(r.operatorTimeMs > 0)) return {};
  std::map<std::string, std::pair<profile::Bound, double>> byBound;
  for (const auto& o : r.operators) {
    if (o.depth > 0) continue;
    auto& entry = byBound[o.boundText()];
    entry.first = o.bound;
    entry.second += o.timeMs;
  }
  std::vector<std::pair<std::string, std::pair<profile::Bound, double>>> sorted(byBound.begin(), byBound.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.second.second > b.second.second; });
  std::string bar, legend;
  for (const auto& [name, entry] : sorted) {
    const double share = entry.second / r.operatorTimeMs;
    const auto text = fmt::format("{}: {}, {}", name, formatMs(entry.second), formatPercent(share));
    bar += fmt::format("<i class=\"{}\" style=\"width:{:.2f}%\" title=\"{}\"></i>", html::classOf(entry.first),
                       share * 100, escaped(text));
    legend += fmt::format("<span><i class=\"{}\"></i>{}</span>", html::classOf(entry.first), escaped(text));
  }
  return fmt::format("<h2>Where the time goes</h2>\n<div class=\"stack\">{}</div>\n<div class=\"legend\">{}</div>\n",
                     bar, legend);
}

profile::Cell cell(const std::optional<double>& v) { return v ? profile::Cell(*v) : profile::Cell(); }

std::string operators(const Report& r) {
  if (r.operators.empty()) return {};
  html::Table table({{"operator"},
                     {"type"},
                     {"calls", Unit::Count},
                     {"time", Unit::Ms},
                     {"share", Unit::Share},
                     {"at roof", Unit::Ms},
                     {"headroom", Unit::Ms},
                     {"bound"},
                     {"operations/s", Unit::Gops},
                     {"bytes/s", Unit::Gbps},
                     {"inputs"},
                     {"time is"}});
  for (const auto& o : r.operators) {
    table.add({o.name, o.opType, o.calls, o.timeMs, cell(o.share), cell(o.roofTimeMs), cell(o.headroomMs),
               o.boundText(), cell(o.achievedGflops), cell(o.achievedGbps), o.inputShapes,
               std::string(nameOf(o.provenanceTime))});
  }
  return "<h2>Operators, by headroom</h2>\n<input class=\"filter\" placeholder=\"filter operators\" "
         "aria-label=\"filter operators\">\n" +
         table.html();
}

std::string findings(const Report& r) {
  if (r.findings.empty()) return {};
  std::string out = "<h2>Findings</h2>\n<ul class=\"findings\">\n";
  size_t shown = 0;
  for (const auto& f : r.findings) {
    if (++shown > 100) break;
    out += fmt::format("<li class=\"{}\">{}</li>\n", nameOf(f.severity), escaped(f.text));
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
      {"Kernels",
       "SELECT name, device, calls, total_ms, share, mean_us, median_us, max_us, grid, block, operator, bound, "
       "headroom_ms FROM kernels LIMIT 1000",
       {{"kernel"},
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
        {"headroom", Unit::Ms}}},
      {"Copies",
       "SELECT device, rank, direction, count, total_ms, mbytes, gb_per_s FROM copies",
       {{"device"},
        {"rank"},
        {"direction"},
        {"count", Unit::Count},
        {"total", Unit::Ms},
        {"size", Unit::Mbytes},
        {"rate", Unit::Gbps}}},
      {"Advice",
       "SELECT rule, variant, kind, exactness, target, predicted_gain_ms, risk, evidence FROM advice_ranked LIMIT 200",
       {{"rule"},
        {"variant"},
        {"kind"},
        {"exactness"},
        {"target"},
        {"predicted gain", Unit::Ms},
        {"risk"},
        {"evidence"}}},
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
  if (!r.complete) out += "<p>This recording was cut short; what it had is shown.</p>\n";
  for (const auto& note : r.notes) out += fmt::format("<p class=\"quiet\">{}</p>\n", escaped(note));
  if (!r.model.empty() && r.syntheticInputs) {
    out += "<p class=\"quiet\">Inputs were made up from shapes.</p>\n";
  }
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
                     escaped(r.model.empty() ? r.profileName : r.model), html::kStyle);
  out += headline(r) + tiles(r) + whereTheTimeGoes(r) + findings(r);
  if (!roofline.empty()) {
    out += "<h2>Roofline</h2>\n" + roofline +
           "<p class=\"quiet\">A circle is an operator; its area is its time. Times are measured; operations and bytes "
           "are "
           "modelled from shapes unless the table says otherwise.</p>\n";
  }
  if (!timeline->empty()) out += "<h2>Timeline</h2>\n" + *timeline;
  out += operators(r) + *views + roofs(r) + remarks(r);
  out += fmt::format("</main>\n<script>{}</script>\n</body></html>\n", html::kScript);
  return out;
}

}  // namespace ridgeline::cli
