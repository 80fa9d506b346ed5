// SARIF 2.1.0 (OASIS): one run, a rule for each check, a result for each finding.
#include "cli/text/source_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ridgeline::cli {
namespace {

using Json = nlohmann::ordered_json;

// A path as a URI reference: as given, with what a URI cannot hold escaped.
std::string uriOf(const std::string& path) {
  std::string out = path.rfind('/', 0) == 0 ? "file://" : "";
  for (const unsigned char c : path) {
    if (std::isalnum(c) || std::string_view("/._-~+:@,").find(static_cast<char>(c)) != std::string_view::npos) {
      out += static_cast<char>(c);
    } else {
      out += fmt::format("%{:02X}", c);
    }
  }
  return out;
}

Json regionOf(const source::Finding& f) {
  return {{"startLine", std::max(f.line, 1u)},
          {"startColumn", std::max(f.column, 1u)},
          {"endColumn", std::max(f.column, 1u) + f.length},
          {"snippet", {{"text", f.excerpt}}}};
}

Json fixOf(const source::Finding& f) {
  Json replacements = Json::array();
  for (const auto& edit : f.fix->edits) {
    replacements.push_back({{"deletedRegion", {{"byteOffset", edit.offset}, {"byteLength", edit.length}}},
                            {"insertedContent", {{"text", edit.text}}}});
  }
  return {{"description", {{"text", f.fix->title}}},
          {"artifactChanges",
           Json::array({{{"artifactLocation", {{"uri", uriOf(f.file)}}}, {"replacements", replacements}}})}};
}

}  // namespace

std::string sourceSarif(const SourceOutcome& outcome, const std::vector<source::CheckInfo>& checks,
                        const std::string& toolVersion) {
  Json rules = Json::array();
  for (const auto& c : checks) {
    rules.push_back({{"id", c.name},
                     {"shortDescription", {{"text", c.summary}}},
                     {"properties", {{"tags", Json::array({"performance", std::string(nameOf(c.kind))})}}}});
  }
  Json results = Json::array();
  for (const auto& f : outcome.report.findings) {
    std::string text = f.message;
    for (const auto& line : f.evidence) text += "; " + line;
    const auto rule = std::find_if(checks.begin(), checks.end(), [&](const auto& c) { return c.name == f.check; });
    Json result{
        {"ruleId", f.check},
        {"ruleIndex", rule - checks.begin()},
        {"level", "warning"},
        {"message", {{"text", text}}},
        {"locations", Json::array({{{"physicalLocation",
                                     {{"artifactLocation", {{"uri", uriOf(f.file)}}}, {"region", regionOf(f)}}}}})}};
    if (!f.function.empty()) {
      result["locations"][0]["logicalLocations"] = Json::array({{{"fullyQualifiedName", f.function}}});
    }
    if (f.fix) result["fixes"] = Json::array({fixOf(f)});
    if (f.predictedGainMs) result["rank"] = std::clamp(*f.predictedGainMs, 0.0, 100.0);
    results.push_back(std::move(result));
  }
  Json notifications = Json::array();
  for (const auto& file : outcome.report.files) {
    for (const auto& problem : file.problems) {
      notifications.push_back({{"level", "warning"}, {"message", {{"text", file.file + ": " + problem}}}});
    }
  }
  for (const auto& error : outcome.report.errors) {
    notifications.push_back({{"level", "error"}, {"message", {{"text", error}}}});
  }
  Json j{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
         {"version", "2.1.0"},
         {"runs",
          Json::array(
              {{{"tool",
                 {{"driver", {{"name", "ridgeline source"}, {"version", toolVersion}, {"rules", std::move(rules)}}}}},
                {"columnKind", "unicodeCodePoints"},
                {"invocations", Json::array({{{"executionSuccessful", outcome.report.errors.empty()},
                                              {"toolExecutionNotifications", std::move(notifications)}}})},
                {"results", std::move(results)}}})}};
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ridgeline::cli
