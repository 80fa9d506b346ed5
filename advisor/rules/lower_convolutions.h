#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// The engine has two ways to convolve integers: kernels that walk over the image, and products of matrices (im2col and
// GEMM). It takes the former whenever the weights are symmetric, and knows no better; where the processor multiplies
// matrices in hardware (AMX), the latter are up to twice as fast on small images of many channels. Weights that are all
// moved by one, and their zero point with them, are the same weights and no longer symmetric.
std::unique_ptr<Rule> makeLowerConvolutionsRule();

}  // namespace ridgeline::advisor
