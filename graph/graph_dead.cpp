// Removing what nothing needs.
#include "graph/graph.h"
#include "graph/subgraphs.h"

#include <algorithm>
#include <unordered_set>

namespace ridgeline::graph {
namespace {

// Moves pointers only, so that those who hold one to an element that stays may keep it.
template <class T, class Predicate>
void eraseIf(google::protobuf::RepeatedPtrField<T>& list, Predicate gone) {
  const auto end =
      std::stable_partition(list.pointer_begin(), list.pointer_end(), [&](const T* one) { return !gone(*one); });
  const int kept = static_cast<int>(end - list.pointer_begin());
  list.DeleteSubrange(kept, list.size() - kept);
}

// Training graphs share the main graph's initializers by name.
StringSet trainingNames(const onnx::ModelProto& model) {
  StringSet names;
  const auto addReads = [&](const onnx::GraphProto& graph) {
    for (const auto& node : graph.node()) {
      names.insert(node.input().begin(), node.input().end());
      forEachCapture(node, [&](const std::string& name) { names.insert(name); });
    }
  };
  for (const auto& training : model.training_info()) {
    for (const auto& binding : training.initialization_binding()) names.insert(binding.key());
    for (const auto& binding : training.update_binding()) names.insert(binding.key());
    addReads(training.initialization());
    addReads(training.algorithm());
  }
  return names;
}

// Walks back from tensors to the nodes that make them.
class Liveness {
 public:
  explicit Liveness(const Graph& graph) : m_graph(graph) {}

  void need(const std::string& tensor) {
    if (!tensor.empty() && m_tensors.insert(tensor).second) m_pending.push_back(tensor);
  }
  void keep(const Node* node) {
    if (!m_nodes.insert(node).second) return;
    for (const auto& input : node->input()) need(input);
    forEachCapture(*node, [this](const std::string& name) { need(name); });
  }
  void walk() {
    while (!m_pending.empty()) {
      const auto tensor = std::move(m_pending.back());
      m_pending.pop_back();
      if (const Node* node = m_graph.producer(tensor)) keep(node);
    }
  }
  bool isAlive(const Node& node) const { return m_nodes.contains(&node); }
  bool isNeeded(const std::string& tensor) const { return m_tensors.contains(tensor); }

 private:
  const Graph& m_graph;
  std::unordered_set<const Node*> m_nodes;
  StringSet m_tensors;
  std::vector<std::string> m_pending;
};

Liveness livenessOf(const Graph& graph) {
  const auto& proto = graph.model().graphProto();
  Liveness live(graph);
  for (const auto& output : proto.output()) live.need(output.name());
  for (const auto& name : trainingNames(graph.model().proto())) live.need(name);
  // An operator with no outputs can only be there for what it does.
  for (const auto& node : proto.node()) {
    if (node.output_size() == 0) live.keep(&node);
  }
  live.walk();
  for (const auto& annotation : proto.quantization_annotation()) {
    if (!live.isNeeded(annotation.tensor_name())) continue;
    for (const auto& parameter : annotation.quant_parameter_tensor_names()) live.need(parameter.value());
  }
  live.walk();
  return live;
}

}  // namespace

int Graph::removeDead() {
  auto& proto = m_model.graphProto();
  const Liveness live = livenessOf(*this);
  const int before = proto.node_size();
  eraseIf(*proto.mutable_node(), [&](const Node& node) { return !live.isAlive(node); });

  const auto isSpare = [&](const std::string& name) { return !live.isNeeded(name) && !isOverridable(name); };
  eraseIf(*proto.mutable_input(), [&](const onnx::ValueInfoProto& input) {
    return m_initializers.contains(input.name()) && isSpare(input.name());
  });
  eraseIf(*proto.mutable_initializer(), [&](const onnx::TensorProto& tensor) { return isSpare(tensor.name()); });
  eraseIf(*proto.mutable_sparse_initializer(),
          [&](const onnx::SparseTensorProto& sparse) { return isSpare(sparse.values().name()); });

  const auto defined = definedNames(proto);
  eraseIf(*proto.mutable_value_info(), [&](const auto& info) { return !defined.contains(info.name()); });
  eraseIf(*proto.mutable_quantization_annotation(),
          [&](const auto& annotation) { return !defined.contains(annotation.tensor_name()); });
  const int removed = before - proto.node_size();
  index();
  return removed;
}

}  // namespace ridgeline::graph
