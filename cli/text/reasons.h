// What stands behind a proposal, for people.
#pragma once

#include "advisor/rule.h"

#include <string>
#include <vector>

namespace ridgeline::cli {

// "quantize-static u8s8-qdq"
std::string nameOf(const advisor::Opportunity& o);

// Its evidence, of many like each other the first ones, and its risk.
std::vector<std::string> reasons(const advisor::Opportunity& o, size_t most = 4);

}  // namespace ridgeline::cli
