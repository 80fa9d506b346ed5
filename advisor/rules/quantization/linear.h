// QuantizeLinear and DequantizeLinear, of ONNX's own domain or the engine's.
#pragma once

#include "advisor/rules/fusion_rule.h"
#include "graph/graph.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace ridgeline::advisor::quantization {

inline bool isLinear(const graph::Node& node, std::string_view op) {
  return graph::isOp(node, op) || graph::isOp(node, op, kContribDomain);
}

// The input's producer if it is this one, else null.
inline graph::Node* linearBehind(const graph::Graph& graph, const graph::Node& node, int input, std::string_view op) {
  graph::Node* const found = graph::hasInput(node, input) ? graph.producer(node.input(input)) : nullptr;
  return found && isLinear(*found, op) ? found : nullptr;
}

// Zero points that are left out, or all zero.
inline bool areZero(const graph::Graph& graph, const graph::Node& node, int input) {
  if (!graph::hasInput(node, input)) return true;
  const auto zeros = graph.constant(node.input(input));
  return zeros && std::ranges::all_of(zeros->bytes(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace ridgeline::advisor::quantization
