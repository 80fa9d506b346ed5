#pragma once

#include <memory>

#include "advisor/rule.h"

namespace ridgeline::advisor {

// Nodes that compute what another node has computed already are dropped.
std::unique_ptr<Rule> makeCommonSubexpressionsRule();

}  // namespace ridgeline::advisor
