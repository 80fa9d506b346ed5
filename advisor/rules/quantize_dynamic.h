#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Products with a weight run on INT8: the weight is quantized here, per column; the activations by the engine in every
// run, to the range they have then. Needs no calibration.
std::unique_ptr<Rule> makeQuantizeDynamicRule();

}  // namespace ridgeline::advisor
