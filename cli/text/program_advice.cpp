// What `advise` says of a recorded program.
#include "cli/text/advise_text.h"
#include "cli/text/report_devices_text.h"
#include "cli/text/report_text.h"
#include "cli/text/report_words.h"
#include "cli/text/table.h"

#include <nlohmann/json.hpp>

namespace ridgeline::cli {
namespace {

std::string countText(const analyzers::Report& r) {
  const auto n = r.advice.size();
  if (n == 0) return "nothing in the recording asks for a change that would win 1 % or more";
  return fmt::format("{} {}", n, n == 1 ? "proposal" : "proposals");
}

}  // namespace

std::string adviseText(const analyzers::Report& r, int top) {
  std::string out = wrap(fmt::format("{}: {}", reportTitle(r), countText(r)), kTerminalColumns, 2) + "\n";
  out += adviceSection(r, top);
  if (!r.advice.empty()) {
    out +=
        "\nThese are predictions for a program that Ridgeline cannot change; record it again and compare with diff.\n";
  }
  return out;
}

std::string adviseMarkdown(const analyzers::Report& r, int top) {
  return fmt::format("## {}: {}\n", reportTitle(r), countText(r)) + adviceTable(r, top);
}

std::string adviseJson(const analyzers::Report& r) {
  nlohmann::ordered_json j;
  j["schema_version"] = 1;
  j["model"] = r.model;
  j["profile"] = r.profileName;
  j["latency_ms"] = r.observedLatencyMs ? nlohmann::ordered_json(*r.observedLatencyMs) : nlohmann::ordered_json();
  j["advice"] = adviceJson(r.advice);
  j["near_misses"] = nlohmann::ordered_json::array();
  j["notes"] = r.notes;
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace ridgeline::cli
