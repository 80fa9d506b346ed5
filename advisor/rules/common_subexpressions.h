#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Nodes that compute what another node has computed already are dropped.
std::unique_ptr<Rule> makeCommonSubexpressionsRule();

}  // namespace ridgeline::advisor
