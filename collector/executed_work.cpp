#include "collector/executed_work.h"

#include "collector/node_work.h"

#include <algorithm>
#include <unordered_map>

namespace ridgeline::collector {
namespace {

using graph::Node;
using graph::TensorShape;

using NodesByName = std::unordered_map<std::string, const Node*>;

// Nodes of the main graph and, apart, of all bodies below it. A name that occurs twice in one of the two is no name.
struct OptimizedNodes {
  NodesByName main, inner;
};

void addNodes(const onnx::GraphProto& graph, bool isMain, OptimizedNodes& nodes) {
  for (const auto& node : graph.node()) {
    const auto [found, isNew] = (isMain ? nodes.main : nodes.inner).emplace(node.name(), &node);
    if (!isNew) found->second = nullptr;
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) addNodes(attribute.g(), false, nodes);
      for (const auto& body : attribute.graphs()) addNodes(body, false, nodes);
    }
  }
}

std::vector<std::string> present(const google::protobuf::RepeatedPtrField<std::string>& names) {
  std::vector<std::string> out;
  std::copy_if(names.begin(), names.end(), std::back_inserter(out), [](const auto& name) { return !name.empty(); });
  return out;
}

// Shapes of the optimized graph's tensors: what the file's own tensors had, what executed nodes were seen to make, and
// the weights as the engine laid them out.
class ExecutedShapes {
 public:
  ExecutedShapes(const GraphPair& graphs, const NodesByName& main, const std::vector<ExecutedOperator>& operators) {
    for (const auto& [name, facts] : graphs.shapes) m_shapes[name] = {facts.type, facts.dims, false};
    for (const auto& op : operators) {
      const auto node = main.find(op.name);
      if (op.depth > 0 || node == main.end() || node->second == nullptr) continue;
      const auto names = present(node->second->output());
      for (size_t i = 0; i < names.size() && names.size() == op.outputs.size(); ++i) {
        m_shapes[names[i]] = {op.outputs[i].type, op.outputs[i].dims, false};
      }
    }
    for (const auto& weight : graphs.optimized.graphProto().initializer()) {
      m_shapes[weight.name()] = {static_cast<graph::DataType>(weight.data_type()),
                                 graph::Dims(weight.dims().begin(), weight.dims().end()), true};
    }
  }

  // In the node's order, absent ones without a type. Empty when one that is there has no known shape.
  std::optional<std::vector<TensorShape>> of(const google::protobuf::RepeatedPtrField<std::string>& names) const {
    std::vector<TensorShape> shapes;
    for (const auto& name : names) {
      const auto found = m_shapes.find(name);
      if (!name.empty() && found == m_shapes.end()) return std::nullopt;
      shapes.push_back(name.empty() ? TensorShape{} : found->second);
    }
    return shapes;
  }

 private:
  std::unordered_map<std::string, TensorShape> m_shapes;
};

// A body's tensors are known by what was seen to go in and out only; absent optional ones keep their place.
std::optional<std::vector<TensorShape>> seenShapes(const google::protobuf::RepeatedPtrField<std::string>& names,
                                                   const std::vector<engine::TensorFacts>& seen) {
  if (present(names).size() != seen.size()) return std::nullopt;
  std::vector<TensorShape> shapes;
  size_t next = 0;
  for (const auto& name : names) {
    shapes.push_back(name.empty() ? TensorShape{} : TensorShape{seen[next].type, seen[next].dims, false});
    if (!name.empty()) ++next;
  }
  return shapes;
}

std::vector<engine::TensorFacts> factsOf(const std::vector<TensorShape>& shapes) {
  std::vector<engine::TensorFacts> facts;
  for (const auto& shape : shapes) facts.push_back({shape.type, shape.dims});
  return facts;
}

double bytesOf(const std::vector<engine::TensorFacts>& tensors) {
  double bytes = 0;
  for (const auto& tensor : tensors) bytes += static_cast<double>(TensorShape{tensor.type, tensor.dims, false}.bytes());
  return bytes;
}

void scale(WorkShare& share, double calls) {
  share.work.flops *= calls;
  share.work.intOps *= calls;
  share.work.bytesRead *= calls;
  share.work.bytesWritten *= calls;
  share.constantBytes *= calls;
}

void describe(ExecutedOperator& op, const Node* node, const ExecutedShapes& shapes, const NodeGroups& groups) {
  std::optional<std::vector<TensorShape>> inputs, outputs;
  if (node != nullptr) {
    inputs = op.depth == 0 ? shapes.of(node->input()) : seenShapes(node->input(), op.inputs);
    outputs = op.depth == 0 ? shapes.of(node->output()) : seenShapes(node->output(), op.outputs);
  }
  if (inputs && outputs) {
    if (const auto work = graph::workOf(*node, *inputs, *outputs)) {
      op.work = WorkShare{*work, constantBytesOf(*work, *inputs)};
    }
    op.inputs = factsOf(*inputs);
    op.outputs = factsOf(*outputs);
  }
  if (!op.work) op.work = groups.fused(op.sources);
  if (!op.work) return;
  // One call's tensors in full, or what moves if that is less: of a table, a Gather touches some rows.
  const double tensors = bytesOf(op.inputs) + bytesOf(op.outputs);
  const double moved = op.work->work.bytes();
  op.workingSetBytes = tensors > 0 && inputs && outputs ? std::min(tensors, std::max(moved, 1.0)) : moved;
  scale(*op.work, op.callsPerRun);
}

}  // namespace

void describeOperators(const GraphPair& graphs, std::vector<ExecutedOperator>& operators) {
  OptimizedNodes nodes;
  addNodes(graphs.optimized.graphProto(), true, nodes);
  const ExecutedShapes shapes(graphs, nodes.main, operators);
  const NodeGroups groups(graphs.original, graphs.shapes, graphs.works);
  for (auto& op : operators) {
    const auto& names = op.depth == 0 ? nodes.main : nodes.inner;
    const auto node = names.find(op.name);
    if (const auto sources = graphs.lineage.sources.find(op.name);
        op.depth == 0 && sources != graphs.lineage.sources.end()) {
      op.sources = sources->second;
    }
    const bool isSame = node != names.end() && node->second != nullptr && node->second->op_type() == op.opType;
    describe(op, isSame ? node->second : nullptr, shapes, groups);
  }
}

}  // namespace ridgeline::collector
