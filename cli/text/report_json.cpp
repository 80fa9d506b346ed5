#include "cli/text/report_text.h"
#include "cli/text/roofs_text.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace ridgeline::cli {
namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::optional<double>& v) { return v && std::isfinite(*v) ? Json(*v) : Json(); }

Json operatorJson(const analyzers::ReportOperator& o) {
  Json j;
  j["name"] = o.name;
  j["op_type"] = o.opType;
  j["provider"] = o.provider;
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

}  // namespace

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
  j["operators"] = Json::array();
  for (const auto& o : r.operators) j["operators"].push_back(operatorJson(o));
  j["kernels"] = Json::array();
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
