#include "graph/topology.h"

#include "graph/string_map.h"
#include "graph/subgraphs.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace ridgeline::graph {
namespace {

struct Dependencies {
  std::vector<std::vector<int>> readers;  // of each node, once per read
  std::vector<int> waiting;               // reads of each node that other nodes of the graph make
};

Dependencies dependenciesOf(const onnx::GraphProto& graph) {
  StringMap<int> producer;
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const auto& output : graph.node(i).output()) {
      if (!output.empty()) producer.emplace(output, i);
    }
  }
  const auto count = static_cast<size_t>(graph.node_size());
  Dependencies result{std::vector<std::vector<int>>(count), std::vector<int>(count, 0)};
  for (int i = 0; i < graph.node_size(); ++i) {
    const auto read = [&](const std::string& name) {
      const auto it = producer.find(name);
      if (it == producer.end()) return;
      result.readers[static_cast<size_t>(it->second)].push_back(i);
      ++result.waiting[static_cast<size_t>(i)];
    };
    for (const auto& input : graph.node(i).input()) read(input);
    forEachCapture(graph.node(i), read);
  }
  return result;
}

// Among the nodes still waiting, walking from reader to what it reads must come around.
std::string tensorInCycle(const onnx::GraphProto& graph, const Dependencies& dependencies) {
  const auto count = dependencies.waiting.size();
  std::vector<int> madeBy(count, -1);
  for (size_t maker = 0; maker < count; ++maker) {
    if (dependencies.waiting[maker] == 0) continue;
    for (const int reader : dependencies.readers[maker]) madeBy[static_cast<size_t>(reader)] = static_cast<int>(maker);
  }
  const auto start =
      std::find_if(dependencies.waiting.begin(), dependencies.waiting.end(), [](int n) { return n > 0; });
  auto node = start - dependencies.waiting.begin();
  std::vector<bool> seen(count, false);
  while (!seen[static_cast<size_t>(node)] && madeBy[static_cast<size_t>(node)] >= 0) {
    seen[static_cast<size_t>(node)] = true;
    node = madeBy[static_cast<size_t>(node)];
  }
  for (const auto& output : graph.node(static_cast<int>(node)).output()) {
    if (!output.empty()) return output;
  }
  return {};
}

}  // namespace

std::optional<std::vector<int>> topologicalOrder(const onnx::GraphProto& graph, std::string* inCycle) {
  auto dependencies = dependenciesOf(graph);
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < graph.node_size(); ++i) {
    if (dependencies.waiting[static_cast<size_t>(i)] == 0) ready.push(i);
  }
  std::vector<int> order;
  order.reserve(static_cast<size_t>(graph.node_size()));
  while (!ready.empty()) {
    const int node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const int reader : dependencies.readers[static_cast<size_t>(node)]) {
      if (--dependencies.waiting[static_cast<size_t>(reader)] == 0) ready.push(reader);
    }
  }
  if (order.size() == static_cast<size_t>(graph.node_size())) return order;
  if (inCycle) *inCycle = tensorInCycle(graph, dependencies);
  return std::nullopt;
}

}  // namespace ridgeline::graph
