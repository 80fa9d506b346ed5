#include "cli/text/optimize_text.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace ridgeline::cli {
namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::optional<double>& v, double scale = 1) {
  return v && std::isfinite(*v) ? Json(*v * scale) : Json();
}

Json ratioJson(const std::optional<advisor::Judgement>& judgement) {
  if (!judgement) return nullptr;
  return {{"speedup", judgement->ratio},
          {"speedup_ci95", {judgement->ci95.lo, judgement->ci95.hi}},
          {"baseline_ms", judgement->baselineMs},
          {"optimized_ms", judgement->candidateMs}};
}

Json trialJson(const advisor::Trial& t) {
  Json j;
  j["rule"] = t.opportunity.rule;
  j["variant"] = t.opportunity.variant;
  j["kind"] = std::string(advisor::nameOf(t.kind));
  j["lossy"] = t.lossy;
  j["target"] = t.opportunity.target;
  j["places"] = t.opportunity.places.size();
  j["builds_on"] = t.enablers;
  j["evidence"] = t.opportunity.evidence;
  j["risk"] = t.opportunity.risk;
  j["predicted_gain_ms"] = t.opportunity.predictedGainMs;
  j["bytes"] = t.bytes.after ? Json({{"before", orNull(t.bytes.before)}, {"after", orNull(t.bytes.after)}}) : Json();
  if (t.judgement) {
    j["measured_gain_ms"] = t.judgement->gainMs();
    j["ratio"] = t.judgement->ratio;
    j["ci95"] = {t.judgement->ci95.lo, t.judgement->ci95.hi};
    j["verdict"] = std::string(advisor::nameOf(t.judgement->verdict));
  } else {
    j["measured_gain_ms"] = nullptr;
    j["ci95"] = nullptr;
    j["verdict"] = "not measured";
  }
  j["spinning_threads"] = ratioJson(t.spinning);
  if (!t.accepted) j["reason"] = t.reason;
  j["seconds"] = t.seconds;
  return j;
}

Json ioLayoutJson(const engine::PortOrders& orders) {
  if (orders.empty()) return {};
  Json ports = Json::array();
  const auto add = [&](const char* kind, const auto& all) {
    for (const auto& [name, order] : all) ports.push_back({{"kind", kind}, {"name", name}, {"order", order}});
  };
  add("input", orders.inputs);
  add("output", orders.outputs);
  return ports;
}

Json errorJson(const advisor::OptimizeResult& r) {
  Json j;
  const auto* first = r.verification.primary();
  j["cosine"] = first ? Json(first->cosine) : Json();
  j["max_abs"] = first ? Json(first->maxAbs) : Json();
  j["top1_agreement"] = first ? Json(first->top1Agreement) : Json();
  j["samples"] = r.verification.samples;
  j["inputs"] = r.syntheticInputs ? "synthetic" : "given";
  Json outputs = Json::array();
  for (const auto& o : r.verification.outputs) {
    outputs.push_back({{"name", o.name}, {"cosine", o.floating ? Json(o.cosine) : Json()}, {"max_abs", o.maxAbs}});
  }
  j["outputs"] = std::move(outputs);
  return j;
}

}  // namespace

std::string optimizeJson(const advisor::OptimizeRequest& request, const advisor::OptimizeResult& r) {
  Json j;
  j["schema_version"] = 1;
  j["model"] = request.model.string();
  j["output"] = request.output.string();
  j["device"] = r.device;
  j["engine"] = r.engine;
  j["threads"] = r.threads;
  j["goal"] = std::string(advisor::nameOf(request.goal));
  j["changed"] = r.changed;
  j["specialization"] = r.specialization.empty() ? Json() : Json(r.specialization);
  j["io_layout"] = ioLayoutJson(r.ioLayout);
  j["engine_settings"] = r.settings.empty() ? Json() : Json::parse(engine::toJson(r.settings));
  j["engine_settings_file"] = r.settingsFile.empty() ? Json() : Json(r.settingsFile.string());
  j["baseline_ms"] = r.judgement.baselineMs;
  j["optimized_ms"] = r.judgement.candidateMs;
  j["speedup"] = r.judgement.ratio;
  j["speedup_ci95"] = {r.judgement.ci95.lo, r.judgement.ci95.hi};
  j["sleeping_threads"] = ratioJson(r.asleep);
  j["spinning_threads"] = ratioJson(r.spinning);
  j["constraints_met"] = r.constraintsMet;
  j["unmet"] = r.unmet;
  j["obstacles"] = r.obstacles;
  j["output_error"] = errorJson(r);
  j["peak_memory_mb"] = {{"before", orNull(r.peakMemoryBytes.before, 1e-6)},
                         {"after", orNull(r.peakMemoryBytes.after, 1e-6)}};
  j["tensor_memory_mb"] = {{"before", orNull(r.tensorBytes.before, 1e-6)},
                           {"after", orNull(r.tensorBytes.after, 1e-6)},
                           {"provenance", "modelled"}};
  j["model_bytes"] = {{"before", orNull(r.modelBytes.before)}, {"after", orNull(r.modelBytes.after)}};
  j["metric"] = orNull(r.metric);
  j["search_seconds"] = r.searchSeconds;
  j["out_of_budget"] = r.outOfBudget;
  j["accepted"] = Json::array();
  j["rejected"] = Json::array();
  for (const auto& t : r.trials) j[t.accepted ? "accepted" : "rejected"].push_back(trialJson(t));
  j["near_misses"] = Json::array();
  for (const auto& m : r.nearMisses) j["near_misses"].push_back({{"rule", m.rule}, {"place", m.place}, {"why", m.why}});
  j["notes"] = r.notes;
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ridgeline::cli
