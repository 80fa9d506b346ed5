#include "advisor/rules/layout/layout_choice.h"

#include "advisor/rules/layout/permute_node.h"

#include <algorithm>

namespace ridgeline::advisor {

using graph::Graph;
using graph::Node;

LayoutChoice::LayoutChoice(const Graph& graph, const Subject& subject, const Permutation& perm)
    : m_graph(graph), m_subject(subject), m_perm(perm), m_order(graph.nodes()) {
  assignRoles();
  collectTensors();
  cut();
}

LayoutChoice::Role LayoutChoice::role(const Node* node) const {
  const auto it = m_role.find(node);
  return it == m_role.end() ? Role::Fixed : it->second;
}

void LayoutChoice::assignRoles() {
  const Permutation back = inverse(m_perm);
  std::unordered_set<std::string> reached;  // tensors below a Transpose by p, with only free operators between
  for (Node* node : m_order) {
    if (const auto order = permutationOf(*node, m_subject)) {
      if (!m_subject.shape(node->output(0)) || !m_subject.shape(node->input(0))) continue;
      // An order that is its own inverse can begin a region or end one.
      if (*order == back && (back != m_perm || reached.contains(node->input(0)))) {
        m_role[node] = Role::Sink;
      } else if (*order == m_perm) {
        m_role[node] = Role::Source;
        reached.insert(node->output(0));
      }
    } else if (auto inputs = permutableInputs(m_graph, *node, m_subject, m_perm.size())) {
      const bool below = std::ranges::any_of(*inputs, [&](int i) { return reached.contains(node->input(i)); });
      if (below) reached.insert(node->output().begin(), node->output().end());
      m_role[node] = Role::Free;
      m_inputs[node] = std::move(*inputs);
    }
  }
}

void LayoutChoice::collectTensors() {
  const auto add = [&](const std::string& name) {
    const engine::TensorFacts* const facts = m_subject.shape(name);
    if (facts && facts->dims.size() == m_perm.size() && !m_graph.isConstant(name)) m_tensors.push_back(name);
  };
  for (const auto& input : m_graph.model().graphProto().input()) add(input.name());
  for (const Node* node : m_order) {
    for (const std::string& output : node->output()) add(output);
  }
}

void LayoutChoice::addTensor(MinCut& problem, const std::unordered_map<const Node*, int>& vertices,
                             const std::string& tensor) const {
  const auto vertexOf = [&](const Node* node, Role permuted) {
    if (!node) return MinCut::Sink;
    if (role(node) == Role::Free) return vertices.at(node);
    return role(node) == permuted ? MinCut::Source : MinCut::Sink;
  };
  const engine::TensorFacts& facts = *m_subject.shape(tensor);
  const int64_t bytes = graph::elementCount(facts.dims) * graph::bitsOf(facts.type) / 8;
  const int maker = vertexOf(m_graph.producer(tensor), Role::Source);
  // One transposition serves all readers, so each direction has a vertex of its own between the maker and them.
  const int toPlain = problem.addVertex(), toPermuted = problem.addVertex();
  problem.addCost(maker, toPlain, bytes);
  problem.addCost(toPermuted, maker, bytes);
  const auto addReader = [&](int reader) {
    problem.addCost(toPlain, reader, MinCut::Never);
    problem.addCost(reader, toPermuted, MinCut::Never);
  };
  for (const Node* node : m_graph.consumers(tensor)) addReader(vertexOf(node, Role::Sink));
  if (m_graph.isGraphOutput(tensor)) addReader(MinCut::Sink);
}

void LayoutChoice::cut() {
  MinCut problem;
  std::unordered_map<const Node*, int> vertices;
  for (const Node* node : m_order) {
    if (role(node) == Role::Free) vertices[node] = problem.addVertex();
  }
  for (const std::string& tensor : m_tensors) addTensor(problem, vertices, tensor);
  const std::vector<bool> permuted = problem.solve();
  for (const auto& [node, vertex] : vertices) {
    if (permuted[static_cast<size_t>(vertex)]) m_permuted.insert(node);
  }
}

bool LayoutChoice::isMadePermuted(const std::string& tensor) const {
  const Node* const maker = m_graph.producer(tensor);
  return maker && (isSource(maker) || isPermuted(maker));
}

bool LayoutChoice::isReadPermuted(const std::string& tensor) const {
  const auto readers = m_graph.consumers(tensor);
  return std::ranges::any_of(readers, [&](const Node* n) { return isSink(n) || isPermuted(n); });
}

bool LayoutChoice::isReadPlain(const std::string& tensor) const {
  if (m_graph.isGraphOutput(tensor)) return true;
  const auto readers = m_graph.consumers(tensor);
  return std::ranges::any_of(readers, [&](const Node* n) { return !isSink(n) && !isPermuted(n); });
}

}  // namespace ridgeline::advisor
