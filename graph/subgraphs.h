// Walking the graphs inside a graph: the bodies of If, Loop and Scan, held by node attributes. Nesting is bounded by
// protobuf's own limit when a file is parsed, so plain recursion is safe.
#pragma once

#include "graph/string_map.h"

#include <onnx/onnx.pb.h>

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

namespace ridgeline::graph {

// Calls with every graph directly inside a node's attributes, const if the node is.
template <class NodeT, class Visit>
void forEachSubgraph(NodeT& node, Visit visit) {
  for (int i = 0; i < node.attribute_size(); ++i) {
    if constexpr (std::is_const_v<NodeT>) {
      if (node.attribute(i).has_g()) visit(node.attribute(i).g());
      for (const auto& graph : node.attribute(i).graphs()) visit(graph);
    } else {
      auto* attribute = node.mutable_attribute(i);
      if (attribute->has_g()) visit(*attribute->mutable_g());
      for (auto& graph : *attribute->mutable_graphs()) visit(graph);
    }
  }
}

bool hasSubgraph(const onnx::NodeProto& node);

// Names that a graph defines itself: inputs, initializers and node outputs, those of graphs inside it not included.
StringSet definedNames(const onnx::GraphProto& graph);

// Calls with every name that the node's subgraphs read from outside of them, once a use.
void forEachCapture(const onnx::NodeProto& node, const std::function<void(const std::string&)>& visit);

// Makes the node's subgraphs read `to` where they read `from` from outside. A subgraph's own tensor that happens to be
// called `to` gives way: it gets a name from `freshName`.
void renameCaptures(onnx::NodeProto& node, std::string_view from, std::string_view to,
                    const std::function<std::string(std::string_view)>& freshName);

// Calls with every name used anywhere inside the node's subgraphs: tensors and nodes.
void forEachInnerName(const onnx::NodeProto& node, const std::function<void(const std::string&)>& visit);

// Calls with every tensor of the model that can hold data: initializers, attributes, sparse parts, those of subgraphs,
// functions and training graphs. `isInitializer` says whether it is a dense initializer of some graph.
void forEachTensor(const onnx::ModelProto& model,
                   const std::function<void(const onnx::TensorProto&, bool isInitializer)>& visit);
// Visitors may change a tensor, not add or remove any.
void forEachTensor(onnx::ModelProto& model, const std::function<void(onnx::TensorProto&, bool isInitializer)>& visit);

}  // namespace ridgeline::graph
