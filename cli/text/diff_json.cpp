#include "cli/text/diff_text.h"

#include <cmath>

namespace ridgeline::cli {
namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::optional<double>& v) { return v && std::isfinite(*v) ? Json(*v) : Json(); }

Json sideJson(const analyzers::DiffSide& side) {
  Json j;
  j["profile"] = side.profileName;
  j["model"] = side.model;
  j["model_sha256"] = side.modelSha256.empty() ? Json() : Json(side.modelSha256);
  j["device"] = side.device;
  j["engine"] = side.engine;
  j["threads"] = side.threads;
  j["created"] = side.created;
  j["complete"] = side.complete;
  j["runs"] = side.runsMs.size();
  return j;
}

}  // namespace

Json diffRowsJson(const analyzers::ItemDiff& items) {
  auto rows = Json::array();
  for (const auto& r : items.rows) {
    Json j;
    j["name"] = r.name;
    j["renamed_from"] = r.renamedFrom.empty() ? Json() : Json(r.renamedFrom);
    j["op_type"] = r.type;
    j["a_shapes"] = r.aMs ? Json(r.shapesA) : Json();
    j["b_shapes"] = r.bMs ? Json(r.shapesB) : Json();
    j["a_calls"] = orNull(r.callsA);
    j["b_calls"] = orNull(r.callsB);
    j["a_ms"] = orNull(r.aMs);
    j["b_ms"] = orNull(r.bMs);
    j["delta_ms"] = r.deltaMs;
    j["ci95_ms"] = {orNull(r.ci95.lo), orNull(r.ci95.hi)};
    j["excess_ms"] = r.excessMs;
    j["status"] = std::string(nameOf(r.status));
    rows.push_back(std::move(j));
  }
  return rows;
}

std::string diffJson(const analyzers::Diff& diff) {
  Json j;
  j["schema_version"] = 1;
  j["a"] = sideJson(diff.a);
  j["b"] = sideJson(diff.b);
  const auto& l = diff.latency;
  j["latency_of"] = l ? Json(diff.latencyOf) : Json();
  j["a_ms"] = l ? orNull(l->aMs) : Json();
  j["b_ms"] = l ? orNull(l->bMs) : Json();
  j["latency_ratio"] = l ? orNull(l->ratio) : Json();
  j["ci95"] = l ? Json{orNull(l->ci95.lo), orNull(l->ci95.hi)} : Json();
  j["verdict"] = std::string(nameOf(l ? l->verdict : analyzers::DiffVerdict::Inconclusive));
  j["settings"] = diff.settings;
  j["common_ratio"] = diff.kernels.matched > 0 ? diff.kernels.commonRatio : diff.operators.commonRatio;
  j["operators"] = diffRowsJson(diff.operators);
  j["kernels"] = diffRowsJson(diff.kernels);
  j["notes"] = diff.notes;
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ridgeline::cli
