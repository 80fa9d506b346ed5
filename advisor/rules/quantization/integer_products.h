// Products of float activations and INT8 weights, as quantize-static and quantize-dynamic write them: what the engine
// runs as one operator.
#pragma once

#include "advisor/rules/quantization/forms.h"
#include "advisor/rules/quantization/products.h"

#include <optional>
#include <string>

namespace ridgeline::advisor::quantization {

struct IntegerProduct {
  Product product;     // its input is the tensor of floats; its weight the constant of integers, [K, N]
  std::string scales;  // of the weight, for each column or one for all
  bool dynamic = false;
};

// nullopt when the node is no such product, or its weight is not symmetric.
std::optional<IntegerProduct> asIntegerProduct(const graph::Graph& graph, graph::Node& node);

// The product alone in the form it has.
KernelForm formOf(const IntegerProduct& product, const Subject& subject);

// The weight in floats; nullopt when it cannot be read.
std::optional<graph::Tensor> weightOf(const graph::Graph& graph, const IntegerProduct& product);

}  // namespace ridgeline::advisor::quantization
