#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// LSTM layers run on INT8: the weights are quantized here; the inputs and the state by the engine in
// every step, to the range they have then. A step is a product with one row for each sequence, which waits for its
// weights: a quarter of the bytes is most of the gain. Needs no calibration.
std::unique_ptr<Rule> makeQuantizeLstmRule();

}  // namespace ridgeline::advisor
