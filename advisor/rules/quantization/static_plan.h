// What of a graph runs on quantized activations when given anchors do, and which tensors are quantized for that.
//
// The anchors are convolutions, which read and write quantized tensors, and products, which read them and write floats.
// Operators between them ("carriers": Add, MaxPool, Concat...) join when all they read comes quantized and something
// that they feed wants it quantized, so that values stay 8-bit from one anchor to the next.
#pragma once

#include "advisor/rules/quantization/convolutions.h"
#include "advisor/rules/quantization/products.h"

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ridgeline::advisor::quantization {

struct StaticPlan {
  std::vector<Convolution> convolutions;
  std::vector<Product> products;
  std::unordered_set<const graph::Node*> carriers;

  struct QuantizedTensor {
    std::string name;
    graph::Node* producer =
        nullptr;  // a convolution or carrier; null: a float tensor that is quantized for its readers
    std::vector<graph::Node*> readers;  // convolutions and carriers
    std::string rangeOf;  // the tensor whose range gives the scale: another one where values only pass through
  };
  std::vector<QuantizedTensor> tensors;
};

// The graph must be in topological order. Nodes in `excluded` take no part. Of `shapes`, only how many axes there are
// counts.
StaticPlan planFor(graph::Graph& graph, const std::vector<Convolution>& convolutions,
                   const std::vector<Product>& products, const std::unordered_set<std::string>& excluded,
                   const engine::ShapeMap& shapes);

// The tensors whose ranges the plan needs, each once.
std::vector<std::string> rangesNeeded(const StaticPlan& plan);

}  // namespace ridgeline::advisor::quantization
