// HardSigmoid on integers: no operator of the engine computes it, but rounding does.
//
// clip(alpha * x + beta, 0, 1) in steps of 1/255 is round(x / scale) + zero, clipped to 0...255, with scale = 1 / (255
// alpha) and zero = 255 beta: what QuantizeLinear does to x. The integers need only be read in steps of 1/255 instead.
// Not for int8: the engine turns that into uint8 where both sides read it alike.
#pragma once

#include "graph/graph.h"

#include <cmath>
#include <optional>

namespace ridgeline::advisor::quantization {

struct StepByRounding {
  float scale = 1;
  int zero = 0;  // of uint8

  // Of a HardSigmoid or HardSwish node; nullopt where zero would be no uint8.
  static std::optional<StepByRounding> of(const graph::Node& node) {
    const bool swish = graph::isOp(node, "HardSwish");
    const float alpha = swish ? 1.0F / 6 : graph::floatAttribute(node, "alpha", 0.2F);
    const float beta = swish ? 0.5F : graph::floatAttribute(node, "beta", 0.5F);
    if (!(alpha > 1e-3F) || !(beta >= 0) || !(beta <= 1)) return std::nullopt;
    return StepByRounding{1 / (255 * alpha), static_cast<int>(std::lround(255 * beta))};
  }
};

}  // namespace ridgeline::advisor::quantization
