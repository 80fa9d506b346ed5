// Small models for tests, and graphs as text.
#pragma once

#include "graph/graph.h"

#include <string>
#include <vector>

namespace ridgeline::graph::test {

using Names = std::vector<std::string>;

inline onnx::NodeProto& node(onnx::GraphProto& graph, const std::string& op, const Names& inputs,
                             const Names& outputs) {
  auto* made = graph.add_node();
  made->set_op_type(op);
  for (const auto& input : inputs) made->add_input(input);
  for (const auto& output : outputs) made->add_output(output);
  return *made;
}

inline void setFloatType(onnx::ValueInfoProto& info, const std::string& name, const Dims& dims) {
  info.set_name(name);
  auto* type = info.mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  for (const auto dim : dims) type->mutable_shape()->add_dim()->set_dim_value(dim);
}
inline void input(onnx::GraphProto& graph, const std::string& name, const Dims& dims = {2, 3}) {
  setFloatType(*graph.add_input(), name, dims);
}
inline void output(onnx::GraphProto& graph, const std::string& name, const Dims& dims = {2, 3}) {
  setFloatType(*graph.add_output(), name, dims);
}

inline onnx::TensorProto& weight(onnx::GraphProto& graph, const std::string& name, const Dims& dims,
                                 const std::vector<float>& values) {
  auto* tensor = graph.add_initializer();
  tensor->set_name(name);
  toProto(Tensor::of<float>(dims, values), *tensor);
  return *tensor;
}

// A model of opset 17 with no nodes yet.
inline Model emptyModel() { return Model::create(17, "test"); }

// "Add(x,y)->z" a node, in order, subgraphs in braces; an absent input is empty.
inline std::string text(const onnx::GraphProto& graph) {
  const auto join = [](const auto& names) {
    std::string joined;
    for (const auto& name : names) joined.append(&name == &names.Get(0) ? "" : ",").append(name);
    return joined;
  };
  std::string lines;
  for (const auto& one : graph.node()) {
    if (!lines.empty()) lines += " ";
    lines += fmt::format("{}({})", one.op_type(), join(one.input()));
    for (const auto& attribute : one.attribute()) {
      if (attribute.has_g()) lines += fmt::format("{{{}}}", text(attribute.g()));
    }
    lines += fmt::format("->{}", join(one.output()));
  }
  return lines;
}
inline std::string text(const Model& model) { return text(model.graphProto()); }

inline Names ids(const std::vector<Node*>& nodes) {
  Names names;
  for (const auto* one : nodes) names.push_back(idOf(*one));
  return names;
}

}  // namespace ridgeline::graph::test
