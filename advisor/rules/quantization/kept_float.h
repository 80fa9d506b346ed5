// Operators that stay in floats between integers (docs/decisions/0010-what-is-left-in-floats.md).
#pragma once

#include "graph/graph.h"

#include <algorithm>
#include <string>

namespace ridgeline::advisor::quantization {

// The engine makes integers of what has a quantization right behind it; a Sum of one value stands in its way.
inline void keepFloat(graph::Graph& graph, const std::string& tensor) {
  graph::Node* const maker = graph.producer(tensor);
  const auto kept = graph.uniqueName(tensor + "_kept");
  graph.setOutput(maker, 0, kept);
  graph.addNode({"Sum", {kept}, {tensor}, {}, {}, {}});
}

// The node is such a Sum: it does something by doing nothing.
inline bool keepsFloat(const graph::Graph& graph, const graph::Node& node) {
  const auto quantizes = [](const graph::Node* n) { return n->op_type() == "QuantizeLinear"; };
  return graph::isOp(node, "Sum") && node.input_size() == 1 &&
         std::ranges::any_of(graph.consumers(node.output(0)), quantizes);
}

}  // namespace ridgeline::advisor::quantization
