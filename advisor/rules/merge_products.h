#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Products of one tensor with several weights (query, key and value; gate and up) become one product with the weights
// side by side, and a Split behind it: the activations are read, rounded and handed to the threads once.
std::unique_ptr<Rule> makeMergeProductsRule();

}  // namespace ridgeline::advisor
