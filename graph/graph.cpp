// The indexes of a graph and what they answer.
#include "graph/graph.h"

#include "graph/subgraphs.h"

#include <algorithm>

namespace ridgeline::graph {

Graph::Graph(Model& model) : m_model(model) { index(); }

void Graph::index() {
  auto& proto = m_model.graphProto();
  m_producer.clear();
  m_consumers.clear();
  m_initializers.clear();
  m_inputs.clear();
  m_outputs.clear();
  m_position.clear();
  m_nextPosition = 0;
  for (const auto& input : proto.input()) m_inputs.insert(input.name());
  for (const auto& output : proto.output()) m_outputs.insert(output.name());
  for (auto& tensor : *proto.mutable_initializer()) m_initializers[tensor.name()] = &tensor;
  for (const auto& sparse : proto.sparse_initializer()) m_names.insert(sparse.values().name());
  for (const auto& [name, tensor] : m_initializers) m_names.insert(name);
  m_names.insert(m_inputs.begin(), m_inputs.end());
  m_names.insert(m_outputs.begin(), m_outputs.end());
  for (auto& node : *proto.mutable_node()) indexNode(&node);
}

void Graph::indexNode(Node* node) {
  m_position[node] = m_nextPosition++;
  if (!node->name().empty()) m_names.insert(node->name());
  for (const auto& output : node->output()) {
    if (output.empty()) continue;
    m_producer[output] = node;
    m_names.insert(output);
  }
  for (const auto& input : node->input()) addUse(input, node);
  forEachCapture(*node, [&](const std::string& name) { addUse(name, node); });
  forEachInnerName(*node, [&](const std::string& name) { m_names.insert(name); });
}

void Graph::addUse(std::string_view tensor, Node* node) {
  if (tensor.empty()) return;
  const auto it = m_consumers.find(tensor);
  auto& uses = it != m_consumers.end() ? it->second : m_consumers[std::string(tensor)];
  uses.push_back(node);
}

void Graph::removeUse(std::string_view tensor, Node* node) {
  const auto it = m_consumers.find(tensor);
  if (it == m_consumers.end()) return;
  auto& uses = it->second;
  if (const auto use = std::find(uses.begin(), uses.end(), node); use != uses.end()) uses.erase(use);
  if (uses.empty()) m_consumers.erase(it);
}

std::vector<Node*> Graph::nodes() const {
  std::vector<Node*> all;
  auto& proto = m_model.graphProto();
  all.reserve(static_cast<size_t>(proto.node_size()));
  for (auto& node : *proto.mutable_node()) all.push_back(&node);
  return all;
}

std::vector<Node*> Graph::nodesOf(std::string_view opType, std::string_view domain) const {
  std::vector<Node*> found;
  for (auto& node : *m_model.graphProto().mutable_node()) {
    if (isOp(node, opType, domain)) found.push_back(&node);
  }
  return found;
}

Node* Graph::find(std::string_view id) const {
  Node* node = producer(id);
  return node && idOf(*node) == id ? node : nullptr;
}

Node* Graph::producer(std::string_view tensor) const {
  const auto it = m_producer.find(tensor);
  return it == m_producer.end() ? nullptr : it->second;
}

Node* Graph::producerOf(const Node& node, int input, std::string_view opType, std::string_view domain) const {
  if (input < 0 || input >= node.input_size()) return nullptr;
  Node* made = producer(node.input(input));
  return made && isOp(*made, opType, domain) ? made : nullptr;
}

std::vector<Node*> Graph::consumers(std::string_view tensor) const {
  const auto it = m_consumers.find(tensor);
  if (it == m_consumers.end()) return {};
  auto readers = it->second;
  std::sort(readers.begin(), readers.end(),
            [this](const Node* a, const Node* b) { return m_position.at(a) < m_position.at(b); });
  readers.erase(std::unique(readers.begin(), readers.end()), readers.end());
  return readers;
}

Node* Graph::onlyConsumer(std::string_view tensor) const {
  const auto it = m_consumers.find(tensor);
  if (it == m_consumers.end() || isGraphOutput(tensor)) return nullptr;
  const auto& uses = it->second;
  const bool isOne = std::all_of(uses.begin(), uses.end(), [&](const Node* node) { return node == uses.front(); });
  return isOne ? uses.front() : nullptr;
}

bool Graph::isGraphInput(std::string_view tensor) const {
  if (!m_inputs.contains(tensor) || m_initializers.contains(tensor)) return false;
  const auto& sparse = m_model.graphProto().sparse_initializer();
  return std::none_of(sparse.begin(), sparse.end(), [&](const auto& one) { return one.values().name() == tensor; });
}

bool Graph::isGraphOutput(std::string_view tensor) const { return m_outputs.contains(tensor); }

bool Graph::isUsed(std::string_view tensor) const { return isGraphOutput(tensor) || m_consumers.contains(tensor); }

std::string Graph::uniqueName(std::string_view hint) {
  std::string name(hint.empty() ? "tensor" : hint);
  if (m_names.insert(name).second) return name;
  int& suffix = m_nextSuffix[name];
  std::string candidate;
  do {
    candidate = fmt::format("{}_{}", name, ++suffix);
  } while (!m_names.insert(candidate).second);
  return candidate;
}

}  // namespace ridgeline::graph
