#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Batch normalization, and multiplication or addition by a constant for each channel, go into the weights of the
// convolution or product before.
std::unique_ptr<Rule> makeFoldBatchNormRule();

}  // namespace ridgeline::advisor
