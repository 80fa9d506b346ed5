#include "graph/subgraphs.h"

#include <utility>
#include <vector>

namespace ridgeline::graph {
namespace {

using Scopes = std::vector<StringSet>;

bool isDefined(const Scopes& scopes, std::string_view name) {
  for (const auto& scope : scopes) {
    if (scope.find(name) != scope.end()) return true;
  }
  return false;
}

void visitCaptures(const onnx::GraphProto& graph, Scopes& scopes,
                   const std::function<void(const std::string&)>& visit) {
  scopes.push_back(definedNames(graph));
  const auto read = [&](const std::string& name) {
    if (!name.empty() && !isDefined(scopes, name)) visit(name);
  };
  for (const auto& node : graph.node()) {
    for (const auto& input : node.input()) read(input);
    forEachSubgraph(node, [&](const onnx::GraphProto& inner) { visitCaptures(inner, scopes, visit); });
  }
  for (const auto& output : graph.output()) read(output.name());
  scopes.pop_back();
}

void replaceName(std::string* name, std::string_view from, std::string_view to) {
  if (*name == from) *name = to;
}

// Every mention of `from` becomes `to`, in this graph and where graphs inside it read it; definitions too.
void renameInScope(onnx::GraphProto& graph, std::string_view from, std::string_view to) {
  for (auto& input : *graph.mutable_input()) replaceName(input.mutable_name(), from, to);
  for (auto& tensor : *graph.mutable_initializer()) replaceName(tensor.mutable_name(), from, to);
  for (auto& sparse : *graph.mutable_sparse_initializer()) {
    if (sparse.has_values()) replaceName(sparse.mutable_values()->mutable_name(), from, to);
  }
  for (auto& info : *graph.mutable_value_info()) replaceName(info.mutable_name(), from, to);
  for (auto& output : *graph.mutable_output()) replaceName(output.mutable_name(), from, to);
  for (auto& node : *graph.mutable_node()) {
    for (auto& input : *node.mutable_input()) replaceName(&input, from, to);
    for (auto& output : *node.mutable_output()) replaceName(&output, from, to);
    forEachSubgraph(node, [&](onnx::GraphProto& inner) {
      if (!definedNames(inner).contains(from)) renameInScope(inner, from, to);
    });
  }
}

// True when the graph, or one inside it, reads `name` from outside.
bool captures(const onnx::GraphProto& graph, std::string_view name) {
  bool found = false;
  Scopes scopes;
  visitCaptures(graph, scopes, [&](const std::string& captured) { found = found || captured == name; });
  return found;
}

void renameInBody(onnx::GraphProto& graph, std::string_view from, std::string_view to,
                  const std::function<std::string(std::string_view)>& freshName) {
  const auto defined = definedNames(graph);
  if (defined.contains(from) || !captures(graph, from)) return;
  if (defined.contains(to)) renameInScope(graph, to, freshName(to));
  for (auto& output : *graph.mutable_output()) replaceName(output.mutable_name(), from, to);
  for (auto& node : *graph.mutable_node()) {
    for (auto& input : *node.mutable_input()) replaceName(&input, from, to);
    renameCaptures(node, from, to, freshName);
  }
}

using TensorVisit = std::function<void(const onnx::TensorProto&, bool)>;

void visitSparse(const onnx::SparseTensorProto& sparse, const TensorVisit& visit) {
  if (sparse.has_values()) visit(sparse.values(), false);
  if (sparse.has_indices()) visit(sparse.indices(), false);
}

void visitTensors(const onnx::GraphProto& graph, const TensorVisit& visit);

void visitTensors(const onnx::AttributeProto& attribute, const TensorVisit& visit) {
  if (attribute.has_t()) visit(attribute.t(), false);
  for (const auto& tensor : attribute.tensors()) visit(tensor, false);
  if (attribute.has_sparse_tensor()) visitSparse(attribute.sparse_tensor(), visit);
  for (const auto& sparse : attribute.sparse_tensors()) visitSparse(sparse, visit);
  if (attribute.has_g()) visitTensors(attribute.g(), visit);
  for (const auto& graph : attribute.graphs()) visitTensors(graph, visit);
}

void visitTensors(const onnx::GraphProto& graph, const TensorVisit& visit) {
  for (const auto& tensor : graph.initializer()) visit(tensor, true);
  for (const auto& sparse : graph.sparse_initializer()) visitSparse(sparse, visit);
  for (const auto& node : graph.node()) {
    for (const auto& attribute : node.attribute()) visitTensors(attribute, visit);
  }
}

}  // namespace

bool hasSubgraph(const onnx::NodeProto& node) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g() || attribute.graphs_size() > 0) return true;
  }
  return false;
}

StringSet definedNames(const onnx::GraphProto& graph) {
  StringSet names;
  for (const auto& input : graph.input()) names.insert(input.name());
  for (const auto& tensor : graph.initializer()) names.insert(tensor.name());
  for (const auto& sparse : graph.sparse_initializer()) names.insert(sparse.values().name());
  for (const auto& node : graph.node()) names.insert(node.output().begin(), node.output().end());
  names.erase("");
  return names;
}

void forEachCapture(const onnx::NodeProto& node, const std::function<void(const std::string&)>& visit) {
  Scopes scopes;
  forEachSubgraph(node, [&](const onnx::GraphProto& graph) { visitCaptures(graph, scopes, visit); });
}

void renameCaptures(onnx::NodeProto& node, std::string_view from, std::string_view to,
                    const std::function<std::string(std::string_view)>& freshName) {
  forEachSubgraph(node, [&](onnx::GraphProto& graph) { renameInBody(graph, from, to, freshName); });
}

void forEachInnerName(const onnx::NodeProto& node, const std::function<void(const std::string&)>& visit) {
  forEachSubgraph(node, [&](const onnx::GraphProto& graph) {
    for (const auto& name : definedNames(graph)) visit(name);
    for (const auto& inner : graph.node()) {
      if (!inner.name().empty()) visit(inner.name());
      for (const auto& input : inner.input()) {
        if (!input.empty()) visit(input);
      }
      forEachInnerName(inner, visit);
    }
  });
}

void forEachTensor(const onnx::ModelProto& model, const TensorVisit& visit) {
  visitTensors(model.graph(), visit);
  for (const auto& function : model.functions()) {
    for (const auto& node : function.node()) {
      for (const auto& attribute : node.attribute()) visitTensors(attribute, visit);
    }
    for (const auto& attribute : function.attribute_proto()) visitTensors(attribute, visit);
  }
  for (const auto& training : model.training_info()) {
    if (training.has_initialization()) visitTensors(training.initialization(), visit);
    if (training.has_algorithm()) visitTensors(training.algorithm(), visit);
  }
}

void forEachTensor(onnx::ModelProto& model, const std::function<void(onnx::TensorProto&, bool)>& visit) {
  // Every tensor visited is a part of the model that the caller may change.
  const TensorVisit mutableVisit = [&](const onnx::TensorProto& tensor, bool isInitializer) {
    visit(const_cast<onnx::TensorProto&>(tensor), isInitializer);
  };
  forEachTensor(std::as_const(model), mutableVisit);
}

}  // namespace ridgeline::graph
