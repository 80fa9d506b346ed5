#include "cli/text/check_text.h"
#include "cli/text/diff_text.h"
#include "cli/version.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace ridgeline::cli {
namespace {

using Json = nlohmann::ordered_json;
using advisor::CheckResult;
using advisor::CheckVerdict;
using advisor::GateState;

Json orNull(const std::optional<double>& v) { return v && std::isfinite(*v) ? Json(*v) : Json(); }
Json orNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string dump(const Json& j) { return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json sideJson(const advisor::CheckSide& side) {
  Json j;
  j["name"] = side.name;
  j["model"] = orNull(side.model);
  j["model_sha256"] = orNull(side.modelSha256);
  j["device"] = orNull(side.device);
  j["engine"] = orNull(side.engine);
  j["threads"] = side.threads > 0 ? Json(side.threads) : Json();
  j["commit"] = orNull(side.commit);
  j["created"] = orNull(side.created);
  j["latency_ms"] = orNull(side.latencyMs);
  return j;
}

Json gatesJson(const CheckResult& r) {
  auto gates = Json::array();
  for (const auto& g : r.gates) {
    gates.push_back({{"name", g.name},
                     {"state", std::string(nameOf(g.state))},
                     {"baseline", orNull(g.baseline)},
                     {"current", orNull(g.current)},
                     {"limit", orNull(g.limit)},
                     {"text", g.text}});
  }
  return gates;
}

// A rule and what came of it, once for speed and once for each gate with a limit.
struct Outcome {
  std::string rule, level, text;
};

std::vector<Outcome> outcomesOf(const CheckResult& r) {
  std::vector<Outcome> out;
  if (r.verdict == CheckVerdict::Regression) {
    auto text = fmt::format("{}. {}.", checkHeadline(r), checkSpeedLine(r));
    for (const auto& line : blameLines(r, 3)) text += " " + line + ".";
    out.push_back({"latency", "error", text});
  } else if (r.verdict == CheckVerdict::Inconclusive) {
    out.push_back({"latency", "note", fmt::format("{}. {}.", checkHeadline(r), checkSpeedLine(r))});
  }
  for (const auto& g : r.gates) {
    if (g.state == GateState::Failed) out.push_back({g.name, "error", g.text});
    if (g.state == GateState::Unknown) out.push_back({g.name, "error", g.text});
  }
  return out;
}

}  // namespace

std::string checkJson(const CheckResult& r) {
  Json j;
  j["schema_version"] = 1;
  j["passed"] = r.passes();
  j["verdict"] = r.madeBaseline ? "new_baseline" : std::string(nameOf(r.verdict));
  j["method"] = std::string(nameOf(r.method));
  j["latency_ratio"] = orNull(r.ratio);
  j["ci95"] = r.ci95 ? Json{orNull(r.ci95->lo), orNull(r.ci95->hi)} : Json();
  j["max_regression"] = r.allowed;
  j["rounds"] = r.rounds;
  j["past_runs"] = r.pastRuns;
  j["regressions"] = r.failures();
  j["baseline"] = r.madeBaseline ? Json() : sideJson(r.baseline);
  j["current"] = sideJson(r.current);
  j["blame"] = r.blame ? diffRowsJson(*r.blame) : Json::array();
  j["gates"] = gatesJson(r);
  j["notes"] = r.notes;
  j["seconds"] = r.seconds;
  return dump(j);
}

// Static Analysis Results Interchange Format 2.1.0 (OASIS).
std::string checkSarif(const CheckResult& r, const std::string& subject) {
  const auto location = [&] {
    return Json{{"physicalLocation", {{"artifactLocation", {{"uri", subject}}}, {"region", {{"startLine", 1}}}}}};
  };
  auto rules = Json::array(), results = Json::array();
  std::vector<std::string> seen;
  for (const auto& o : outcomesOf(r)) {
    if (std::find(seen.begin(), seen.end(), o.rule) == seen.end()) {
      seen.push_back(o.rule);
      rules.push_back({{"id", o.rule}, {"shortDescription", {{"text", "Limit of " + o.rule}}}});
    }
    results.push_back({{"ruleId", o.rule},
                       {"level", o.level},
                       {"message", {{"text", o.text}}},
                       {"locations", Json::array({location()})}});
  }
  const Json driver{{"name", "ridgeline"}, {"version", kVersion}, {"rules", rules}};
  const Json run{{"tool", {{"driver", driver}}}, {"columnKind", "utf16CodeUnits"}, {"results", results}};
  return dump(Json{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                   {"version", "2.1.0"},
                   {"runs", Json::array({run})}});
}

}  // namespace ridgeline::cli
