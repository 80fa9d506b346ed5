#include "advisor/rules/layout/layout_plan.h"
#include "advisor/rules/layout/permute_node.h"

#include <algorithm>
#include <map>

namespace ridgeline::advisor {

using graph::Graph;
using graph::Node;

namespace {

// Hands out t' for every t of a region: what is there already, or a new Transpose.
class PermutedTensors {
 public:
  PermutedTensors(Graph& graph, const LayoutChoice& choice, const Permutation& perm)
      : m_graph(graph), m_choice(choice), m_perm(perm) {}

  // Names an output of a changed operator anew, since it now makes t'. Whoever wants t gets it from a Transpose.
  void rename(Node* node, int output) {
    const std::string tensor = node->output(output);
    const bool wanted = m_choice.isReadPlain(tensor);
    m_graph.setOutput(node, output, m_graph.uniqueName(tensor + "_permuted"));
    m_made[tensor] = {node, output};
    if (wanted) {
      m_graph.addNode({.opType = "Transpose",
                       .inputs = {node->output(output)},
                       .outputs = {tensor},
                       .attributes = {{"perm", m_perm}}});
    }
  }

  // By node and position, not by name: names move when a graph output is taken over.
  std::string of(const std::string& tensor) {
    if (const auto known = m_made.find(tensor); known != m_made.end()) {
      return known->second.first->output(known->second.second);
    }
    Node* const maker = m_graph.producer(tensor);
    if (maker && m_choice.isSource(maker)) return maker->input(0);
    Node* const made = transposeOf(tensor);
    m_made[tensor] = {made, 0};
    return made->output(0);
  }

 private:
  Node* transposeOf(const std::string& tensor) {
    for (Node* reader : m_graph.consumers(tensor)) {
      if (m_choice.isSink(reader)) return reader;
    }
    return m_graph.addNode({.opType = "Transpose", .inputs = {tensor}, .attributes = {{"perm", inverse(m_perm)}}});
  }

  Graph& m_graph;
  const LayoutChoice& m_choice;
  const Permutation& m_perm;
  std::map<std::string, std::pair<Node*, int>> m_made;
};

}  // namespace

void applyLayout(Graph& graph, const LayoutChoice& choice, const LayoutRegion& region, const Permutation& perm) {
  PermutedTensors permuted(graph, choice, perm);
  // Inputs are read by their old names, so they are found before outputs lose them; sinks come last, for they may move
  // a graph output's name.
  std::vector<Node*> sinks;
  std::map<Node*, std::string> wanted;
  for (Node* node : region.vanishing) {
    if (!choice.isSink(node)) continue;
    sinks.push_back(node);
    wanted[node] = node->input(0);
  }
  std::map<Node*, std::vector<std::string>> inputs;
  for (Node* node : region.permuted) {
    for (const int i : choice.permutedInputs(node)) inputs[node].push_back(node->input(i));
  }
  for (Node* node : region.permuted) {
    for (int i = 0; i < node->output_size(); ++i) {
      if (!node->output(i).empty()) permuted.rename(node, i);
    }
  }
  for (Node* node : region.permuted) {
    const std::vector<int>& positions = choice.permutedInputs(node);
    for (size_t k = 0; k < positions.size(); ++k) graph.setInput(node, positions[k], permuted.of(inputs[node][k]));
    permuteNode(graph, node, perm);
  }
  for (Node* node : sinks) {
    const std::string output = node->output(0);
    graph.replaceTensor(output, permuted.of(wanted[node]));
  }
}

}  // namespace ridgeline::advisor
