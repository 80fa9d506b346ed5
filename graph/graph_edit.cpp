// Changes to a graph.
#include "graph/graph.h"
#include "graph/subgraphs.h"
#include "graph/topology.h"

#include <algorithm>

namespace ridgeline::graph {
namespace {

// A graph without its nodes' outputs listed as value_info would be re-inferred; with wrong ones it would be refused.
void dropValueInfo(onnx::GraphProto& graph, std::string_view tensor) {
  auto& infos = *graph.mutable_value_info();
  const auto gone = [&](const onnx::ValueInfoProto& info) { return info.name() == tensor; };
  infos.erase(std::remove_if(infos.begin(), infos.end(), gone), infos.end());
}

void setName(google::protobuf::RepeatedPtrField<std::string>& names, int index, std::string_view name) {
  while (names.size() <= index) names.Add();
  *names.Mutable(index) = name;
}

}  // namespace

std::string Graph::addInitializer(std::string_view hint, const Tensor& tensor) {
  auto name = uniqueName(hint);
  auto& proto = m_model.graphProto();
  auto* initializer = proto.add_initializer();
  initializer->set_name(name);
  toProto(tensor, *initializer);
  m_initializers[name] = initializer;
  if (m_model.proto().ir_version() < 4) {
    auto* input = proto.add_input();
    input->set_name(name);
    auto* type = input->mutable_type()->mutable_tensor_type();
    type->set_elem_type(static_cast<int32_t>(tensor.type()));
    for (const int64_t dim : tensor.dims()) type->mutable_shape()->add_dim()->set_dim_value(dim);
    m_inputs.insert(name);
  }
  return name;
}

Node* Graph::addNode(NodeSpec spec) {
  Node* node = m_model.graphProto().add_node();
  node->set_name(uniqueName(spec.name.empty() ? spec.opType : spec.name));
  node->set_op_type(std::move(spec.opType));
  if (!spec.domain.empty()) node->set_domain(std::move(spec.domain));
  for (auto& input : spec.inputs) node->add_input(std::move(input));
  if (spec.outputs.empty()) spec.outputs.push_back(uniqueName(node->name() + "_out"));
  for (auto& output : spec.outputs) node->add_output(std::move(output));
  for (const auto& [name, value] : spec.attributes) setAttribute(*node, name, value);
  indexNode(node);
  return node;
}

void Graph::removeNode(Node* node) {
  for (const auto& output : node->output()) {
    const auto it = m_producer.find(output);
    if (it != m_producer.end() && it->second == node) m_producer.erase(it);
  }
  for (const auto& input : node->input()) removeUse(input, node);
  forEachCapture(*node, [&](const std::string& name) { removeUse(name, node); });
  m_position.erase(node);
  auto& list = *m_model.graphProto().mutable_node();
  const auto at = std::find(list.pointer_begin(), list.pointer_end(), node) - list.pointer_begin();
  list.DeleteSubrange(static_cast<int>(at), 1);
}

void Graph::setInput(Node* node, int index, std::string_view tensor) {
  const std::string name(tensor);  // may be a view of what is overwritten
  if (index < node->input_size()) removeUse(node->input(index), node);
  setName(*node->mutable_input(), index, name);
  addUse(name, node);
}

void Graph::setOutput(Node* node, int index, std::string_view tensor) {
  const std::string name(tensor);
  if (index < node->output_size()) {
    const auto it = m_producer.find(node->output(index));
    if (it != m_producer.end() && it->second == node) m_producer.erase(it);
  }
  setName(*node->mutable_output(), index, name);
  if (name.empty()) return;
  m_producer[name] = node;
  m_names.insert(name);
}

void Graph::renameReads(Node* node, std::string_view from, std::string_view to) {
  for (int i = 0; i < node->input_size(); ++i) {
    if (node->input(i) == from) setInput(node, i, to);
  }
  if (!hasSubgraph(*node)) return;
  forEachCapture(*node, [&](const std::string& name) { removeUse(name, node); });
  renameCaptures(*node, from, to, [this](std::string_view hint) { return uniqueName(hint); });
  forEachCapture(*node, [&](const std::string& name) { addUse(name, node); });
}

void Graph::renameOutput(Node* node, std::string_view from, std::string_view to) {
  for (int i = 0; i < node->output_size(); ++i) {
    if (node->output(i) == from) setOutput(node, i, to);
  }
}

void Graph::replaceTensor(std::string_view fromView, std::string_view toView) {
  const std::string from(fromView);
  const std::string to(toView);
  if (from == to || from.empty() || to.empty()) return;
  Node* maker = producer(to);
  for (Node* reader : consumers(from)) {
    if (reader != maker) renameReads(reader, from, to);
  }
  if (isGraphOutput(from) && !m_inputs.contains(from)) takeOverOutput(from, to);
}

// Initializers may share a name; all of them give it away.
void Graph::renameWeights(const std::string& from, const std::string& to) {
  auto& proto = m_model.graphProto();
  for (auto& tensor : *proto.mutable_initializer()) {
    if (tensor.name() != from) continue;
    tensor.set_name(to);
    m_initializers[to] = &tensor;
  }
  for (auto& sparse : *proto.mutable_sparse_initializer()) {
    if (sparse.values().name() == from) sparse.mutable_values()->set_name(to);
  }
  m_initializers.erase(from);
}

// `output` comes to be made from `to`. Its readers have been moved to `to` already, but for the producer of `to`.
void Graph::takeOverOutput(std::string_view outputView, std::string_view toView) {
  const std::string output(outputView);
  const std::string to(toView);
  Node* maker = producer(to);
  const auto fresh = uniqueName(output);
  if (Node* old = producer(output)) renameOutput(old, output, fresh);
  renameWeights(output, fresh);
  if (maker) renameReads(maker, output, fresh);
  const bool canMove = maker && !isOp(*maker, "Constant") && !isGraphOutput(to);
  if (!canMove) {
    addNode({.opType = "Identity", .inputs = {to}, .outputs = {output}});
    return;
  }
  renameOutput(maker, to, output);
  for (Node* reader : consumers(to)) renameReads(reader, to, output);
  dropValueInfo(m_model.graphProto(), to);
}

bool Graph::sort() {
  auto& proto = m_model.graphProto();
  const auto order = topologicalOrder(proto);
  if (!order) return false;
  auto& list = *proto.mutable_node();
  std::vector<Node*> old(list.pointer_begin(), list.pointer_end());
  for (size_t i = 0; i < old.size(); ++i) list.UnsafeArenaReleaseLast();
  for (const int position : *order) list.UnsafeArenaAddAllocated(old[static_cast<size_t>(position)]);
  m_nextPosition = 0;
  for (const auto& node : proto.node()) m_position[&node] = m_nextPosition++;
  return true;
}

}  // namespace ridgeline::graph
