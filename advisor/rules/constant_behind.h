#pragma once

#include "graph/graph.h"

#include <string>

namespace ridgeline::advisor {

// The constant that a tensor is another name for, through Identity nodes (exporters store equal weights once); empty
// when it is none.
inline std::string constantBehind(const graph::Graph& graph, std::string tensor) {
  while (!graph.isConstant(tensor)) {
    const graph::Node* const maker = graph.producer(tensor);
    if (!maker || !graph::isOp(*maker, "Identity") || maker->input_size() != 1) return {};
    tensor = maker->input(0);
  }
  return tensor;
}

// The same for a float32 one; empty for others.
inline std::string floatConstantBehind(const graph::Graph& graph, const std::string& tensor) {
  auto constant = constantBehind(graph, tensor);
  return graph.constantType(constant) == graph::DataType::Float ? constant : std::string();
}

}  // namespace ridgeline::advisor
