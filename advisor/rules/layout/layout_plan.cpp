#include "advisor/rules/layout/layout_plan.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace ridgeline::advisor {

using graph::Graph;
using graph::Node;

namespace {

// Sets of nodes, joined two by two; a set is named by its earliest node.
class Groups {
 public:
  explicit Groups(const std::vector<Node*>& nodes) : m_parent(nodes.size()) {
    std::iota(m_parent.begin(), m_parent.end(), size_t{0});
    for (size_t i = 0; i < nodes.size(); ++i) m_position[nodes[i]] = i;
  }
  size_t of(const Node* node) const {
    size_t i = m_position.at(node);
    while (m_parent[i] != i) i = m_parent[i];
    return i;
  }
  void join(const Node* a, const Node* b) {
    const size_t x = of(a), y = of(b);
    m_parent[std::max(x, y)] = std::min(x, y);
  }

 private:
  std::vector<size_t> m_parent;
  std::unordered_map<const Node*, size_t> m_position;
};

// The nodes at a tensor that hold it, or want it, permuted: they share its transposition, if there is one.
std::vector<Node*> permutedEnds(const Graph& graph, const LayoutChoice& choice, const std::string& tensor) {
  std::vector<Node*> ends;
  if (choice.isMadePermuted(tensor)) ends.push_back(graph.producer(tensor));
  for (Node* node : graph.consumers(tensor)) {
    if (choice.isSink(node) || choice.isPermuted(node)) ends.push_back(node);
  }
  return ends;
}

int64_t bytesOf(const Subject& subject, const std::string& tensor) {
  const engine::TensorFacts& facts = *subject.shape(tensor);
  return graph::elementCount(facts.dims) * graph::bitsOf(facts.type) / 8;
}

// What the tensor costs today, and with the choice.
void addCosts(const Graph& graph, const LayoutChoice& choice, const std::string& tensor, int64_t bytes,
              LayoutRegion& region) {
  const Node* const maker = graph.producer(tensor);
  const auto readers = graph.consumers(tensor);
  if (maker && choice.isSource(maker)) region.bytesBefore += bytes;
  if (std::ranges::any_of(readers, [&](const Node* n) { return choice.isSink(n); })) region.bytesBefore += bytes;
  const bool transposed = choice.isMadePermuted(tensor) ? choice.isReadPlain(tensor) : choice.isReadPermuted(tensor);
  if (transposed) region.bytesAfter += bytes;
}

bool vanishes(const LayoutChoice& choice, const Node* node) {
  if (choice.isSource(node)) return !choice.isReadPlain(node->output(0));
  return choice.isSink(node) && choice.isMadePermuted(node->input(0));
}

}  // namespace

std::vector<LayoutRegion> planLayout(const Graph& graph, const Subject& subject, const LayoutChoice& choice) {
  Groups groups(choice.order());
  for (const std::string& tensor : choice.tensors()) {
    const std::vector<Node*> ends = permutedEnds(graph, choice, tensor);
    for (const Node* node : ends) groups.join(ends.front(), node);
  }
  std::map<size_t, LayoutRegion> regions;
  for (const std::string& tensor : choice.tensors()) {
    const std::vector<Node*> ends = permutedEnds(graph, choice, tensor);
    if (!ends.empty()) addCosts(graph, choice, tensor, bytesOf(subject, tensor), regions[groups.of(ends.front())]);
  }
  for (Node* node : choice.order()) {
    const auto region = regions.find(groups.of(node));
    if (region == regions.end()) continue;
    if (choice.isPermuted(node)) region->second.permuted.push_back(node);
    if (vanishes(choice, node)) region->second.vanishing.push_back(node);
  }
  std::vector<LayoutRegion> saving;
  for (auto& [first, region] : regions) {
    if (region.bytesAfter < region.bytesBefore && !region.vanishing.empty()) saving.push_back(std::move(region));
  }
  return saving;
}

}  // namespace ridgeline::advisor
