// What could run on quantized activations, and what it takes in each form.
#pragma once

#include "advisor/rules/quantization/convolutions.h"
#include "advisor/rules/quantization/products.h"
#include "advisor/rules/quantization/survey.h"
#include "advisor/rules/quantization/transposed_convolutions.h"

#include <vector>

namespace ridgeline::advisor::quantization {

// int8 activations must win this much over uint8 ones to be proposed beside them.
constexpr double kClearlyBetter = 1.03;

struct Anchors {
  std::vector<Convolution> convolutions;
  std::vector<TransposedConvolution> transposed;
  std::vector<Product> products;
};

// Members are indices into the anchors; forms: uint8 activations, int8 activations.
struct StaticTimes {
  std::vector<ShapeTimes> convolutions, transposed, products;
};

// Takes out anchors that did not run in float32 on a known shape. Grouped convolutions count with what taking groups
// together (slices.h) makes of them.
Result<StaticTimes> surveyStatic(const graph::Graph& graph, Anchors& anchors, const Subject& subject);

}  // namespace ridgeline::advisor::quantization
