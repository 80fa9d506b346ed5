// The order of nodes.
#pragma once

#include <onnx/onnx.pb.h>

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::graph {

// Positions of the graph's nodes such that each comes after those it reads from (captures of subgraphs included), and
// otherwise in the order they have. nullopt when there is a cycle; `inCycle`, if given, is then a tensor on it.
std::optional<std::vector<int>> topologicalOrder(const onnx::GraphProto& graph, std::string* inCycle = nullptr);

}  // namespace ridgeline::graph
