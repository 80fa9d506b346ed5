// How a profile is told.
#pragma once

#include "analyzers/report_model.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace ridgeline::cli {

std::string reportText(const analyzers::Report& report, int top);
std::string reportMarkdown(const analyzers::Report& report, int top);
// docs/json.md describes the keys. All operators, whatever `top` is for people.
std::string reportJson(const analyzers::Report& report);
// Rows of advice, as `report` and `advise` give them.
nlohmann::ordered_json adviceJson(const std::vector<profile::Advice>& advice);

}  // namespace ridgeline::cli
