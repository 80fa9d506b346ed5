#include "cli/text/source_text.h"

#include <nlohmann/json.hpp>

namespace ridgeline::cli {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json orNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json findingJson(const source::Finding& f) {
  Json j{{"check", f.check},        {"kind", std::string(nameOf(f.kind))},
         {"file", f.file},          {"line", f.line},
         {"column", f.column},      {"length", f.length},
         {"excerpt", f.excerpt},    {"function", f.function},
         {"in_kernel", f.inKernel}, {"kernels", f.kernels},
         {"message", f.message},    {"evidence", f.evidence}};
  if (f.fix) {
    Json edits = Json::array();
    for (const auto& e : f.fix->edits) edits.push_back({{"offset", e.offset}, {"length", e.length}, {"text", e.text}});
    j["fix"] = {{"title", f.fix->title}, {"exact", f.fix->exact}, {"edits", edits}};
  } else {
    j["fix"] = nullptr;
  }
  j["why_no_fix"] = f.whyNoFix;
  j["kernel_time_ms"] = orNull(f.kernelTimeMs);
  j["kernel_headroom_ms"] = orNull(f.kernelHeadroomMs);
  j["predicted_gain_ms"] = orNull(f.predictedGainMs);
  return j;
}

Json trialJson(const source::ProofTrial& t) {
  const bool measured = t.rounds > 0;
  return {{"check", t.check},
          {"function", t.function},
          {"fixes", t.titles},
          {"before_ms", measured ? Json(t.beforeMs) : Json(nullptr)},
          {"after_ms", measured ? Json(t.afterMs) : Json(nullptr)},
          {"ratio", measured ? Json(t.ratio) : Json(nullptr)},
          {"ci95", measured ? Json{t.ratioLo, t.ratioHi} : Json(nullptr)},
          {"rounds", t.rounds},
          {"kept", t.kept},
          {"reason", t.reason}};
}

}  // namespace

std::string sourceJson(const SourceOutcome& outcome) {
  Json j;
  j["schema_version"] = 1;
  j["profile"] = orNull(outcome.report.profile);
  j["files"] = Json::array();
  for (const auto& f : outcome.report.files) {
    j["files"].push_back({{"file", f.file},
                          {"language", std::string(nameOf(f.language))},
                          {"functions", f.functions},
                          {"functions_in_part", f.functionsInPart},
                          {"kernels", f.kernels},
                          {"kernels_in_part", f.kernelsInPart},
                          {"kernels_unread", f.kernelsUnread},
                          {"problems", f.problems}});
  }
  j["errors"] = outcome.report.errors;
  j["findings"] = Json::array();
  for (const auto& f : outcome.report.findings) j["findings"].push_back(findingJson(f));
  j["fixed"] = Json::array();
  for (const auto& file : outcome.fixed) {
    Json applied = Json::array();
    for (const auto& fix : file.applied) {
      applied.push_back({{"check", fix.check}, {"title", fix.title}, {"function", fix.function}, {"exact", fix.exact}});
    }
    j["fixed"].push_back({{"file", file.path.string()},
                          {"changed", file.changed()},
                          {"written", outcome.written && file.changed()},
                          {"applied", applied},
                          {"dropped", file.dropped}});
  }
  if (outcome.proof) {
    Json trials = Json::array();
    for (const auto& t : outcome.proof->trials) trials.push_back(trialJson(t));
    j["proof"] = {{"improved", outcome.proof->improved},
                  {"trials", trials},
                  {"final", outcome.proof->final ? trialJson(*outcome.proof->final) : Json(nullptr)}};
  }
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ridgeline::cli
