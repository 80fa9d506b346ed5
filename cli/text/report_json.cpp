#include "cli/text/report_text.h"
#include "cli/text/roofs_text.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace ridgeline::cli {
namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::optional<double>& v) { return v && std::isfinite(*v) ? Json(*v) : Json(); }
Json orNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json operatorJson(const analyzers::ReportOperator& o) {
  Json j;
  j["name"] = o.name;
  j["op_type"] = o.opType;
  j["provider"] = o.provider;
  j["rank"] = orNull(o.rank);
  j["depth"] = o.depth;
  j["calls"] = o.calls;
  j["time_ms"] = o.timeMs;
  j["share"] = orNull(o.share);
  j["flops"] = orNull(o.flops);
  j["bytes"] = orNull(o.bytes);
  j["compute_type"] = o.computeType.empty() ? Json() : Json(o.computeType);
  j["intensity"] = orNull(o.intensity);
  j["achieved_gflops"] = orNull(o.achievedGflops);
  j["achieved_gbps"] = orNull(o.achievedGbps);
  j["bound"] = std::string(profile::nameOf(o.bound));
  j["level"] = o.level.empty() ? Json() : Json(o.level);
  j["roof_time_ms"] = orNull(o.roofTimeMs);
  j["headroom_ms"] = orNull(o.headroomMs);
  j["input_shapes"] = o.inputShapes;
  j["output_shapes"] = o.outputShapes;
  const Json work = o.provenanceWork ? Json(std::string(nameOf(*o.provenanceWork))) : Json();
  j["provenance"] = {{"time", std::string(nameOf(o.provenanceTime))}, {"flops", work}, {"bytes", work}};
  return j;
}

Json kernelJson(const analyzers::ReportKernel& k) {
  Json j;
  j["name"] = k.name;
  j["device"] = k.device;
  j["rank"] = orNull(k.rank);
  j["kind"] = k.kind;
  j["calls"] = k.calls;
  j["time_ms"] = k.timeMs;
  j["share"] = orNull(k.share);
  j["mean_us"] = k.meanUs, j["median_us"] = k.medianUs, j["min_us"] = k.minUs, j["max_us"] = k.maxUs;
  j["grid"] = orNull(k.grid);
  j["block"] = orNull(k.block);
  j["operator"] = orNull(k.op);
  j["flops"] = orNull(k.flops);
  j["bytes"] = orNull(k.bytes);
  j["bound"] = std::string(profile::nameOf(k.bound));
  j["level"] = orNull(k.level);
  j["roof_time_ms"] = orNull(k.roofTimeMs);
  j["headroom_ms"] = orNull(k.headroomMs);
  return j;
}

Json deviceJson(const analyzers::ReportDevice& d) {
  Json j;
  j["name"] = d.name;
  j["rank"] = orNull(d.rank);
  j["span_ms"] = d.spanMs, j["busy_ms"] = d.busyMs, j["idle_ms"] = d.idleMs(), j["busy_share"] = d.busyShare();
  j["compute_ms"] = d.computeMs, j["communication_ms"] = d.communicationMs, j["copy_ms"] = d.copyMs;
  j["communication_hidden"] = orNull(d.communicationHidden);
  j["copy_hidden"] = orNull(d.copyHidden);
  j["kernels"] = d.kernels;
  j["queue_mean"] = orNull(d.queueMean);
  j["launch_delay_us"] = orNull(d.launchDelayUs);
  j["idle"] = Json::array();
  for (const auto& i : d.idle) {
    j["idle"].push_back({{"reason", i.reason},
                         {"count", i.count},
                         {"time_ms", i.totalMs},
                         {"share", orNull(i.share)},
                         {"longest_us", i.longestUs}});
  }
  return j;
}

Json copiesJson(const analyzers::ReportCopies& c) {
  return {{"direction", c.direction}, {"device", c.device},
          {"rank", orNull(c.rank)},   {"pinned", c.pinned ? Json(*c.pinned) : Json()},
          {"count", c.count},         {"time_ms", c.totalMs},
          {"bytes", orNull(c.bytes)}, {"gb_per_s", orNull(c.gbPerS)}};
}

Json pathJson(const analyzers::ReportPath& p) {
  Json j{{"rank", orNull(p.rank)}, {"of", orNull(p.of)}, {"time_ms", p.totalMs}, {"host_ms", p.hostMs}};
  j["parts"] = Json::array();
  for (const auto& part : p.parts) {
    j["parts"].push_back(
        {{"what", part.what}, {"name", orNull(part.name)}, {"count", part.count}, {"time_ms", part.ms}});
  }
  return j;
}

Json ranksJson(const std::vector<analyzers::ReportRank>& ranks) {
  Json list = Json::array();
  for (const auto& r : ranks) {
    list.push_back({{"name", r.name},
                    {"source", r.source},
                    {"format", r.format},
                    {"steps", r.steps},
                    {"step_ms", orNull(r.stepMs)}});
  }
  return list;
}

template <class Rows, class ToJson>
Json listOf(const Rows& rows, ToJson toJson) {
  Json list = Json::array();
  for (const auto& row : rows) list.push_back(toJson(row));
  return list;
}

}  // namespace

Json adviceJson(const std::vector<profile::Advice>& advice) {
  return listOf(advice, [](const profile::Advice& a) {
    return Json{{"rule", a.rule},         {"variant", a.variant},
                {"kind", a.kind},         {"lossy", a.lossy},
                {"target", a.target},     {"places", a.places},
                {"evidence", a.evidence}, {"predicted_gain_ms", orNull(a.predictedGainMs)},
                {"risk", a.risk}};
  });
}

std::string reportJson(const analyzers::Report& r) {
  Json j;
  j["schema_version"] = 1;
  j["profile"] = r.profileName;
  j["model"] = r.model;
  j["created"] = r.created;
  j["complete"] = r.complete;
  j["device"] = r.device;
  j["engine"] = r.engine;
  j["threads"] = r.threads;
  j["inputs"] = r.syntheticInputs ? "synthetic" : "given";
  j["latency_ms"] = orNull(r.latencyMs);
  j["latency_ci95_ms"] = {orNull(r.latencyLoMs), orNull(r.latencyHiMs)};
  j["observed_latency_ms"] = orNull(r.observedLatencyMs);
  j["operator_time_ms"] = r.operatorTimeMs;
  j["plain_runs"] = r.plainRuns;
  j["observed_runs"] = r.observedRuns;
  j["roofs"] = roofsJson(r.roofs);
  j["ranks"] = ranksJson(r.recorded.ranks);
  j["devices"] = listOf(r.recorded.devices, deviceJson);
  j["operators"] = listOf(r.operators, operatorJson);
  j["kernels"] = listOf(r.recorded.kernels, kernelJson);
  j["copies"] = listOf(r.recorded.copies, copiesJson);
  j["critical_paths"] = listOf(r.recorded.paths, pathJson);
  j["advice"] = adviceJson(r.advice);
  j["findings"] = Json::array();
  for (const auto& f : r.findings) {
    j["findings"].push_back({{"id", f.id.value},
                             {"analyzer", f.analyzer},
                             {"severity", std::string(nameOf(f.severity))},
                             {"text", f.text},
                             {"target", f.target},
                             {"evidence", f.evidence}});
  }
  j["notes"] = r.notes;
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ridgeline::cli
