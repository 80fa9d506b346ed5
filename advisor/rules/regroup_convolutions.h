#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// The engine's integer kernels work through a convolution's groups one by one, each a product of a few columns that
// leaves most of a vector empty. Several groups taken as one convolution, with zeros where one group's channels meet
// another's filters, make more products and take less time, for the same sums.
std::unique_ptr<Rule> makeRegroupConvolutionsRule();

}  // namespace ridgeline::advisor
