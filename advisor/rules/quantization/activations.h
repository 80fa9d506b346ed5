// Activations as 8-bit integers: value = scale * (integer - zeroPoint).
#pragma once

#include "advisor/calibration.h"
#include "graph/tensor.h"

#include <span>

namespace ridgeline::advisor::quantization {

struct ActivationScale {
  float scale = 1;
  int zeroPoint = 0;
  bool isSigned = false;  // int8 rather than uint8

  graph::Tensor scaleTensor() const { return graph::Tensor::scalar(scale); }
  graph::Tensor zeroPointTensor() const;
  bool operator==(const ActivationScale&) const = default;
};

// Covers the range, widened to hold zero, which is exactly representable: padding and ReLU stay exact.
ActivationScale scaleFor(Range range, bool isSigned);

// A bias as int32 in units of inputScale * weightScales[i], in which the integer products are summed.
graph::Tensor quantizeBias(std::span<const float> bias, float inputScale, std::span<const float> weightScales);
// The smallest weight scale at which a bias value still fits int32, with room for the products added to it.
float smallestWeightScale(float bias, float inputScale);

}  // namespace ridgeline::advisor::quantization
