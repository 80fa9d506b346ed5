#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Products with a weight keep float activations and read their weights as 4- or 8-bit integers with a scale for each
// block: for products of few rows, which wait for their weights. One variant a width and block size, "b4-k128".
std::unique_ptr<Rule> makeQuantizeWeightsRule();

}  // namespace ridgeline::advisor
