// Roofs, as the report and `devices` show them.
#pragma once

#include "cli/text/table.h"
#include "profile/vocabulary.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace ridgeline::cli {

// "234 GFLOP/s"
std::string roofValue(const profile::Roof& roof);
// "float32", "DRAM read"
std::string roofName(const profile::Roof& roof);
// Two lines of roofs for the head of a report.
std::string roofLines(const std::vector<profile::Roof>& roofs);
Table roofTable(const std::vector<profile::Roof>& roofs);
nlohmann::ordered_json roofsJson(const std::vector<profile::Roof>& roofs);

}  // namespace ridgeline::cli
