#include "advisor/rules/constant_region.h"

#include "engine/session.h"

#include <algorithm>

namespace ridgeline::advisor {

using graph::isOp;
using graph::Model;
using graph::Node;
using graph::Tensor;

namespace {

// A folded value may be this much larger than what it was made from before the file is not worth it.
constexpr int64_t FreeBytes = 64 * 1024;

int64_t bytesOf(graph::DataType type, const graph::Dims& dims) {
  return graph::elementCount(dims) * graph::bitsOf(type) / 8;
}

// What Shape gives, its `start` and `end` considered; what Size gives.
Tensor shapeValue(const Node& node, const graph::Dims& dims) {
  const auto rank = static_cast<int64_t>(dims.size());
  if (isOp(node, "Size")) {
    const int64_t count = graph::elementCount(dims);
    return Tensor::of<int64_t>({}, {&count, 1});
  }
  const auto clamp = [rank](int64_t axis) { return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank); };
  const int64_t begin = clamp(graph::intAttribute(node, "start", 0));
  const int64_t end = std::max(begin, clamp(graph::intAttribute(node, "end", rank)));
  return Tensor::vector(
      std::span<const int64_t>(dims).subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
}

bool readsShape(const Node& node) { return isOp(node, "Shape") || isOp(node, "Size"); }

void addConstant(Model& model, const std::string& name, const Tensor& value) {
  onnx::TensorProto& proto = *model.graphProto().add_initializer();
  graph::toProto(value, proto);
  proto.set_name(name);
}

}  // namespace

ConstantRegion::ConstantRegion(const graph::Graph& graph, const Subject& subject, bool pinned)
    : m_graph(graph), m_subject(subject) {
  FixedShapes fixed(graph, pinned);
  for (const Node* node : graph.nodes()) {
    if (belongs(*node, fixed)) m_members.insert(node);
  }
  dropUselessFrontier();
  for (Node* node : graph.nodes()) {
    if (m_members.contains(node)) m_nodes.push_back(node);
  }
}

bool ConstantRegion::belongs(const Node& node, FixedShapes& fixed) const {
  // DequantizeLinear of a constant weight is what makes the engine use its integer kernels: it has to stay.
  if (!isPure(node) || isOp(node, "Constant") || isOp(node, "DequantizeLinear") || node.output_size() == 0)
    return false;
  for (const std::string& output : node.output()) {
    if (output.empty()) continue;
    if (m_graph.isGraphOutput(output) || !fixed.value(output)) return false;
    const engine::TensorFacts* const facts = m_subject.shape(output);
    if (!facts || graph::bitsOf(facts->type) == 0) return false;
  }
  if (readsShape(node)) return m_subject.shape(node.input(0)) != nullptr;
  for (const std::string& input : node.input()) {
    if (input.empty() || m_graph.isConstant(input)) continue;
    const Node* const producer = m_graph.producer(input);
    if (!producer || isOutside(producer)) return false;
  }
  return !growsTooMuch(node);
}

bool ConstantRegion::growsTooMuch(const Node& node) const {
  const auto sum = [&](const auto& tensors) {
    int64_t bytes = 0;
    for (const std::string& t : tensors) {
      if (const engine::TensorFacts* facts = t.empty() ? nullptr : m_subject.shape(t)) {
        bytes += bytesOf(facts->type, facts->dims);
      } else if (const auto dims = m_graph.constantDims(t)) {
        bytes += bytesOf(m_graph.constantType(t).value_or(graph::DataType::Undefined), *dims);
      }
    }
    return bytes;
  };
  return sum(node.output()) > std::max(FreeBytes, sum(node.input()));
}

// An Identity at the edge would turn into a copy of its constant; without it, what it reads is the edge.
void ConstantRegion::dropUselessFrontier() {
  const std::vector<Node*> order = m_graph.nodes();
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    Node* const node = *it;
    if (isOutside(node)) continue;
    bool readOutside = false, read = false;
    for (const std::string& output : node->output()) {
      for (const Node* consumer : m_graph.consumers(output)) {
        read = true;
        readOutside = readOutside || isOutside(consumer);
      }
    }
    if (!read || (readOutside && isOp(*node, "Identity"))) {
      m_members.erase(node);
    } else if (readOutside) {
      m_frontier.push_back(node);
    }
  }
  std::ranges::reverse(m_frontier);
}

void ConstantRegion::addToModel(const Node& node, Model& model, std::set<std::string>& made) const {
  if (readsShape(node)) {
    // Its input need not be constant; only its shape is.
    if (made.insert(node.output(0)).second) {
      addConstant(model, node.output(0), shapeValue(node, m_subject.shape(node.input(0))->dims));
    }
    return;
  }
  for (const std::string& input : node.input()) {
    if (input.empty() || !m_graph.isConstant(input) || !made.insert(input).second) continue;
    if (const auto value = m_graph.constant(input)) addConstant(model, input, *value);
  }
  *model.graphProto().add_node() = node;
}

Result<std::map<std::string, Tensor>> ConstantRegion::evaluate(const std::vector<Node*>& wanted) const {
  std::set<const Node*> needed(wanted.begin(), wanted.end());
  for (auto it = m_nodes.rbegin(); it != m_nodes.rend(); ++it) {
    if (!needed.contains(*it) || readsShape(**it)) continue;
    for (const std::string& input : (*it)->input()) {
      if (const Node* producer = m_graph.producer(input); producer && !isOutside(producer)) needed.insert(producer);
    }
  }
  Model model = Model::create(m_graph.model().opset(), "constants");
  *model.proto().mutable_opset_import() = m_graph.model().proto().opset_import();
  model.proto().set_ir_version(m_graph.model().proto().ir_version());
  std::set<std::string> made;
  for (const Node* node : m_nodes) {
    if (needed.contains(node)) addToModel(*node, model, made);
  }

  std::map<std::string, Tensor> values;
  for (const Node* node : wanted) {
    for (const std::string& output : node->output()) {
      if (output.empty() || !m_graph.isUsed(output)) continue;
      if (readsShape(*node)) {
        values[output] = shapeValue(*node, m_subject.shape(node->input(0))->dims);
        continue;
      }
      auto& port = *model.graphProto().add_output();
      port.set_name(output);
      port.mutable_type()->mutable_tensor_type()->set_elem_type(static_cast<int32_t>(m_subject.shape(output)->type));
    }
  }
  if (model.graphProto().output_size() == 0) return values;
  auto session = engine::Session::create(model, {.threads = 1, .optimization = engine::Optimization::None});
  if (!session) return passOn(session);
  if (auto bound = session->bind({}); !bound) return passOn(bound);
  auto outputs = session->runForOutputs();
  if (!outputs) return passOn(outputs);
  values.merge(*outputs);
  return values;
}

}  // namespace ridgeline::advisor
