#include "graph/check.h"

#include "graph/external_data.h"
#include "graph/string_map.h"
#include "graph/subgraphs.h"
#include "graph/tensor.h"
#include "graph/topology.h"

#include <algorithm>

namespace ridgeline::graph {
namespace {

// The names of a graph and, through `outer`, of those around it.
struct Scope {
  StringSet names;
  const Scope* outer = nullptr;

  bool knows(const std::string& name) const {
    for (const Scope* scope = this; scope; scope = scope->outer) {
      if (scope->names.contains(name)) return true;
    }
    return false;
  }
};

std::string describe(const onnx::NodeProto& node) {
  std::string name = node.name();
  for (int i = 0; name.empty() && i < node.output_size(); ++i) name = node.output(i);
  return fmt::format("node '{}' ({})", name, node.op_type());
}

// Initializers may repeat an input (they are its default) or each other (the last counts).
Status defineNames(const onnx::GraphProto& graph, Scope& scope) {
  for (const auto& input : graph.input()) {
    if (!scope.names.insert(input.name()).second) {
      return badInput(fmt::format("graph '{}' has two inputs called '{}'", graph.name(), input.name()));
    }
  }
  for (const auto& tensor : graph.initializer()) scope.names.insert(tensor.name());
  for (const auto& sparse : graph.sparse_initializer()) scope.names.insert(sparse.values().name());
  for (const auto& node : graph.node()) {
    for (const auto& output : node.output()) {
      if (output.empty() || scope.names.insert(output).second) continue;
      return badInput(fmt::format("{} defines '{}', which is already defined", describe(node), output));
    }
  }
  scope.names.erase("");
  return {};
}

Status checkGraph(const onnx::GraphProto& graph, const Scope* outer) {
  Scope scope{{}, outer};
  if (auto defined = defineNames(graph, scope); !defined) return defined;
  for (const auto& node : graph.node()) {
    for (const auto& input : node.input()) {
      if (input.empty() || scope.knows(input)) continue;
      return badInput(fmt::format("{} reads '{}', which nothing defines", describe(node), input));
    }
    Status inner;
    forEachSubgraph(node, [&](const onnx::GraphProto& body) {
      if (inner) inner = checkGraph(body, &scope);
    });
    if (!inner) return inner;
  }
  for (const auto& output : graph.output()) {
    if (scope.knows(output.name())) continue;
    return badInput(fmt::format("graph '{}' has an output '{}', which nothing defines", graph.name(), output.name()));
  }
  std::string tensor;
  if (topologicalOrder(graph, &tensor)) return {};
  return badInput(fmt::format("graph '{}' has a cycle through '{}'", graph.name(), tensor));
}

// ONNX Runtime refuses two nodes of one name; said here, it is said before any work.
Status checkNodeNames(const onnx::GraphProto& graph) {
  StringSet names;
  for (const auto& node : graph.node()) {
    if (node.name().empty() || names.insert(node.name()).second) continue;
    return badInput(fmt::format("two nodes are called '{}'", node.name()), "give every node its own name, or none");
  }
  return {};
}

// In the graph or one inside it; a name that several of them use counts for each.
bool isRead(const onnx::GraphProto& graph, const std::string& tensor) {
  for (const auto& output : graph.output()) {
    if (output.name() == tensor) return true;
  }
  for (const auto& node : graph.node()) {
    if (std::find(node.input().begin(), node.input().end(), tensor) != node.input().end()) return true;
    bool inside = false;
    forEachSubgraph(node, [&](const onnx::GraphProto& body) { inside = inside || isRead(body, tensor); });
    if (inside) return true;
  }
  return false;
}

Status checkTensors(const onnx::ModelProto& model, const std::filesystem::path& folder) {
  Status status;
  forEachTensor(model, [&](const onnx::TensorProto& tensor, bool isInitializer) {
    if (!status) return;
    status = checkData(tensor);
    // A weight that nothing reads may be broken or stripped: ONNX Runtime drops it unseen.
    if (!status && isInitializer && !isRead(model.graph(), tensor.name())) status = {};
    if (!status || !isExternal(tensor)) return;
    auto entry = externalEntry(tensor, folder);
    status = entry ? checkExternalFile(tensor, *entry) : Status(passOn(entry));
  });
  return status;
}

}  // namespace

Status checkModel(const onnx::ModelProto& model, const std::filesystem::path& folder) {
  if (!model.has_graph()) return badInput("no graph in it: not an ONNX model");
  if (!model.has_ir_version()) return badInput("no IR version in it: not an ONNX model");
  if (model.opset_import_size() == 0 && model.ir_version() >= 3) {
    return badInput("it imports no operator set", "every ONNX model of IR version 3 or later names at least one");
  }
  if (auto tensors = checkTensors(model, folder); !tensors) return tensors;
  if (auto names = checkNodeNames(model.graph()); !names) return names;
  return checkGraph(model.graph(), nullptr);
}

}  // namespace ridgeline::graph
