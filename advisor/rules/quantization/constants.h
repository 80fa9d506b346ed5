// Constants as quantization looks for them.
#pragma once

#include "graph/graph.h"

#include <string>

namespace ridgeline::advisor::quantization {

// The constant that a tensor is, or is an Identity of (exporters share equal weights that way); empty: it is none.
inline std::string constantBehind(const graph::Graph& graph, std::string tensor) {
  for (int hops = 0; hops < 8 && !graph.isConstant(tensor); ++hops) {
    const graph::Node* node = graph.producer(tensor);
    if (!node || !graph::isOp(*node, "Identity") || node->input_size() < 1) return {};
    tensor = node->input(0);
  }
  return graph.isConstant(tensor) ? tensor : std::string();
}

}  // namespace ridgeline::advisor::quantization
