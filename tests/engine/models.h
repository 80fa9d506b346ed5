// Small models for the engine's tests.
#pragma once

#include "base/files.h"
#include "engine/session.h"
#include "graph/graph.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace ridgeline::engine::test {

using graph::DataType;
using graph::Dims;
using graph::Tensor;

struct Port {
  std::string name;
  std::vector<std::string> dims;  // a number, a symbol, or "" for an open dim without one
  DataType type = DataType::Float;
};

inline void setPort(onnx::ValueInfoProto& info, const Port& port) {
  info.set_name(port.name);
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(static_cast<int>(port.type));
  tensor->mutable_shape();
  for (const auto& dim : port.dims) {
    auto* made = tensor->mutable_shape()->add_dim();
    if (dim.empty()) continue;
    if (dim.find_first_not_of("0123456789") == std::string::npos) {
      made->set_dim_value(std::stoll(dim));
    } else {
      made->set_dim_param(dim);
    }
  }
}

inline onnx::NodeProto& addNode(onnx::GraphProto& graph, const std::string& op, const std::vector<std::string>& inputs,
                                const std::vector<std::string>& outputs, const std::string& name = {}) {
  auto* node = graph.add_node();
  node->set_op_type(op);
  node->set_name(name);
  for (const auto& input : inputs) node->add_input(input);
  for (const auto& output : outputs) node->add_output(output);
  return *node;
}

inline void addWeight(onnx::GraphProto& graph, const std::string& name, const Tensor& value) {
  auto* tensor = graph.add_initializer();
  graph::toProto(value, *tensor);
  tensor->set_name(name);
}

inline graph::Model makeModel(const std::vector<Port>& inputs, const std::vector<Port>& outputs, int64_t opset = 17) {
  auto model = graph::Model::create(opset, "test");
  for (const auto& port : inputs) setPort(*model.graphProto().add_input(), port);
  for (const auto& port : outputs) setPort(*model.graphProto().add_output(), port);
  return model;
}

inline Tensor floats(Dims dims, const std::vector<float>& values) {
  return Tensor::of<float>(std::move(dims), std::span<const float>(values));
}
inline Tensor longs(Dims dims, const std::vector<int64_t>& values) {
  return Tensor::of<int64_t>(std::move(dims), std::span<const int64_t>(values));
}

// sum = x + y, product = sum * y, over vectors of any length T.
inline graph::Model addThenMultiply() {
  auto model = makeModel({{"x", {"T"}}, {"y", {"T"}}}, {{"product", {"T"}}});
  addNode(model.graphProto(), "Add", {"x", "y"}, {"sum"}, "add");
  addNode(model.graphProto(), "Mul", {"sum", "y"}, {"product"}, "multiply");
  return model;
}

// then: x + 1; else: x - 1, chosen by a boolean scalar. One node each, in bodies of their own.
inline graph::Model chooseByIf() {
  auto model = makeModel({{"choice", {}, DataType::Bool}, {"x", {"3"}}}, {{"chosen", {"3"}}});
  auto& graph = model.graphProto();
  addWeight(graph, "one", Tensor::scalar(1.0f));
  auto& node = addNode(graph, "If", {"choice"}, {"chosen"}, "if");
  for (const auto& [attribute, op] : {std::pair{"then_branch", "Add"}, std::pair{"else_branch", "Sub"}}) {
    auto* body = node.add_attribute();
    body->set_name(attribute);
    body->set_type(onnx::AttributeProto::GRAPH);
    body->mutable_g()->set_name(attribute);
    const std::string out = std::string(op) + "_out";
    addNode(*body->mutable_g(), op, {"x", "one"}, {out}, std::string("inner_") + op);
    setPort(*body->mutable_g()->add_output(), {out, {"3"}});
  }
  return model;
}

// Empty when the shared models are not on this machine.
inline std::filesystem::path sharedModels() {
  const char* set = std::getenv("RIDGELINE_SHARED_DATA");
  const auto data = set ? std::filesystem::path(set)
                        : std::filesystem::path(RIDGELINE_TEST_DATA) / ".." / ".." / ".." / "shared" / "data";
  const auto models = (data / "models").lexically_normal();
  return std::filesystem::is_directory(models) ? models : std::filesystem::path();
}

}  // namespace ridgeline::engine::test
