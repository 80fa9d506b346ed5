#include "advisor/rules/quantization/activations.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::advisor::quantization {

graph::Tensor ActivationScale::zeroPointTensor() const {
  graph::Tensor tensor(isSigned ? graph::DataType::Int8 : graph::DataType::Uint8, {});
  if (isSigned) {
    tensor.as<int8_t>()[0] = static_cast<int8_t>(zeroPoint);
  } else {
    tensor.as<uint8_t>()[0] = static_cast<uint8_t>(zeroPoint);
  }
  return tensor;
}

ActivationScale scaleFor(Range range, bool isSigned) {
  const double lo = std::min(range.lo, 0.0f), hi = std::max(range.hi, 0.0f);
  ActivationScale result;
  result.isSigned = isSigned;
  const int least = isSigned ? -128 : 0;
  const auto scale = static_cast<float>((hi - lo) / 255);
  if (!std::isnormal(scale)) {  // nothing but zeros was seen, or nearly so
    result.zeroPoint = least;
    return result;
  }
  result.scale = scale;
  result.zeroPoint = std::clamp(least + static_cast<int>(std::lround(-lo / scale)), least, least + 255);
  return result;
}

graph::Tensor quantizeBias(std::span<const float> bias, float inputScale, std::span<const float> weightScales) {
  graph::Tensor tensor(graph::DataType::Int32, {static_cast<int64_t>(bias.size())});
  auto out = tensor.as<int32_t>();
  for (size_t i = 0; i < bias.size(); ++i) {
    const double unit = static_cast<double>(inputScale) * weightScales[i];
    out[i] = static_cast<int32_t>(std::clamp(std::nearbyint(bias[i] / unit), -2147483647.0, 2147483647.0));
  }
  return tensor;
}

float smallestWeightScale(float bias, float inputScale) {
  constexpr double kLargest = 1 << 30;
  return static_cast<float>(std::fabs(static_cast<double>(bias)) / (kLargest * inputScale));
}

}  // namespace ridgeline::advisor::quantization
