#include "engine/lineage/value_numbers.h"

#include "graph/topology.h"

#include <algorithm>
#include <numeric>

namespace ridgeline::engine {
namespace {

bool hasSubgraph(const onnx::NodeProto& node) {
  return std::any_of(node.attribute().begin(), node.attribute().end(),
                     [](const onnx::AttributeProto& a) { return a.has_g() || a.graphs_size() > 0; });
}

bool isRandom(const onnx::NodeProto& node) {
  const auto& op = node.op_type();
  return op.starts_with("Random") || op == "Bernoulli" || op == "Multinomial" || op == "Dropout";
}

}  // namespace

ValueNumbers::ValueNumbers(const onnx::GraphProto& graph) {
  for (const auto& tensor : graph.initializer()) add(tensor.name(), true);
  for (const auto& input : graph.input()) {
    if (!m_numbers.contains(input.name())) add(input.name(), false);
  }
  std::vector<int> order(static_cast<size_t>(graph.node_size()));
  std::iota(order.begin(), order.end(), 0);
  if (auto sorted = graph::topologicalOrder(graph)) order = std::move(*sorted);
  for (const int index : order) addNode(graph.node(index), index);
}

int ValueNumbers::of(const std::string& tensor) const {
  const auto found = m_numbers.find(tensor);
  return found == m_numbers.end() ? -1 : found->second;
}

int ValueNumbers::add(const std::string& tensor, bool constant) {
  const int number = static_cast<int>(m_makers.size());
  m_makers.emplace_back();
  m_constant.push_back(constant);
  m_numbers[tensor] = number;
  return number;
}

bool ValueNumbers::dependsOnConstantsOnly(const onnx::NodeProto& node) const {
  if (hasSubgraph(node) || isRandom(node)) return false;
  return std::all_of(node.input().begin(), node.input().end(), [&](const std::string& input) {
    const int number = of(input);
    return input.empty() || (number >= 0 && isConstant(number));
  });
}

std::string ValueNumbers::keyOf(const onnx::NodeProto& node, int index) const {
  // What need not give the same value twice is equal to nothing.
  if (hasSubgraph(node) || isRandom(node)) return fmt::format("#{}", index);
  std::string key = node.domain() + ":" + node.op_type();
  for (const auto& input : node.input()) key += fmt::format(" {}", of(input));
  std::vector<std::string> attributes;
  for (const auto& attribute : node.attribute()) attributes.push_back(attribute.SerializeAsString());
  std::sort(attributes.begin(), attributes.end());
  for (const auto& attribute : attributes) key += fmt::format(" {}:{}", attribute.size(), attribute);
  return key;
}

void ValueNumbers::addNode(const onnx::NodeProto& node, int index) {
  auto& numbers = m_byKey[keyOf(node, index)];
  const bool constant = dependsOnConstantsOnly(node);
  for (int i = 0; i < node.output_size(); ++i) {
    const auto& output = node.output(i);
    if (numbers.size() <= static_cast<size_t>(i)) numbers.push_back(-1);
    if (output.empty()) continue;
    auto& number = numbers[static_cast<size_t>(i)];
    if (number < 0) {
      number = add(output, constant);
    } else {
      m_numbers[output] = number;
    }
    m_makers[static_cast<size_t>(number)].push_back(index);
  }
}

}  // namespace ridgeline::engine
