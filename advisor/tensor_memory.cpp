#include "advisor/tensor_memory.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ridgeline::advisor {

double peakTensorBytes(const graph::Model& model, const engine::ShapeMap& shapes) {
  const auto& graph = model.graphProto();
  std::unordered_set<std::string> weights, kept;
  for (const auto& w : graph.initializer()) weights.insert(w.name());
  // What is computed of weights alone, as when they are dequantized, the engine computes at load or within its reader.
  for (const auto& node : graph.node()) {
    const auto isWeight = [&](const std::string& input) { return input.empty() || weights.contains(input); };
    if (node.input_size() == 0 || !std::all_of(node.input().begin(), node.input().end(), isWeight)) continue;
    weights.insert(node.output().begin(), node.output().end());
  }
  const auto bytesOf = [&](const std::string& tensor) -> double {
    const auto it = shapes.find(tensor);
    if (tensor.empty() || weights.contains(tensor) || it == shapes.end()) return 0;
    return static_cast<double>(graph::elementCount(it->second.dims) * graph::bitsOf(it->second.type)) / 8;
  };
  double alive = 0;
  for (const auto& port : graph.input()) {
    if (kept.insert(port.name()).second) alive += bytesOf(port.name());
  }
  for (const auto& port : graph.output()) kept.insert(port.name());

  std::unordered_map<std::string, int> lastReader;
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const auto& input : graph.node(i).input()) lastReader[input] = i;
  }
  double peak = alive;
  for (int i = 0; i < graph.node_size(); ++i) {
    const auto& node = graph.node(i);
    double unread = 0;
    for (const auto& output : node.output()) {
      alive += bytesOf(output);
      if (!lastReader.contains(output) && !kept.contains(output)) unread += bytesOf(output);
    }
    peak = std::max(peak, alive);
    alive -= unread;
    std::unordered_set<std::string> read(node.input().begin(), node.input().end());
    for (const auto& input : read) {
      if (lastReader.at(input) == i && !kept.contains(input)) alive -= bytesOf(input);
    }
  }
  return peak;
}

}  // namespace ridgeline::advisor
