// Short ways to write an operator with its shapes.
#pragma once

#include "graph/work/work.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ridgeline::graph::worktest {

using Attributes = std::vector<std::pair<std::string, AttributeValue>>;
inline constexpr std::string_view kMs = "com.microsoft";

inline TensorShape shape(DataType type, Dims dims) { return {type, std::move(dims)}; }
inline TensorShape f32(Dims dims) { return shape(DataType::Float, std::move(dims)); }
inline TensorShape u8(Dims dims) { return shape(DataType::Uint8, std::move(dims)); }
inline TensorShape i8(Dims dims) { return shape(DataType::Int8, std::move(dims)); }
inline TensorShape i64(Dims dims) { return shape(DataType::Int64, std::move(dims)); }
inline TensorShape absent() { return {}; }

// A node that names every tensor that is there.
inline Node makeNode(std::string_view opType, const std::vector<TensorShape>& inputs,
                     const std::vector<TensorShape>& outputs, const Attributes& attributes = {},
                     std::string_view domain = {}) {
  Node node;
  node.set_op_type(std::string(opType));
  node.set_domain(std::string(domain));
  for (size_t i = 0; i < inputs.size(); ++i) node.add_input(inputs[i].present() ? "in" + std::to_string(i) : "");
  for (size_t i = 0; i < outputs.size(); ++i) node.add_output(outputs[i].present() ? "out" + std::to_string(i) : "");
  for (const auto& [name, value] : attributes) setAttribute(node, name, value);
  return node;
}

inline std::optional<Work> work(std::string_view opType, const std::vector<TensorShape>& inputs,
                                const std::vector<TensorShape>& outputs, const Attributes& attributes = {},
                                std::string_view domain = {}) {
  return workOf(makeNode(opType, inputs, outputs, attributes, domain), inputs, outputs);
}

}  // namespace ridgeline::graph::worktest
