// Writes a network node by node, named and ordered as PyTorch's exporter names and orders them.
#pragma once

#include "graph/graph.h"
#include "graph/model.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ridgeline::graph::networks {

using PortDim = std::variant<int64_t, std::string>;  // a fixed size, or the name of an open one
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

// The distribution a weight is drawn from.
struct Init {
  enum class Kind { Uniform, Normal, Fill } kind = Kind::Fill;
  float value = 0;  // the bound, the standard deviation, or the value itself
};
inline Init uniform(float bound) { return {Init::Kind::Uniform, bound}; }
inline Init normal(float sigma) { return {Init::Kind::Normal, sigma}; }
inline Init filled(float value) { return {Init::Kind::Fill, value}; }

class Builder;

// A module of the network: nodes made through it are called "/path/OpType", "/path/OpType_1", ...
class Scope {
 public:
  Scope(Builder& builder, std::string path) : m_builder(&builder), m_path(std::move(path)) {}

  Scope in(std::string_view module) const { return {*m_builder, m_path + "/" + std::string(module)}; }
  Builder& builder() const { return *m_builder; }

  // Adds a node and returns the name of its (only) output, which `output` sets for a graph output.
  std::string op(const std::string& type, std::vector<std::string> inputs, const Attributes& attributes = {},
                 std::string_view output = {}) const;
  // Adds a Constant node.
  std::string constant(const Tensor& value) const;
  std::string scalar(float value) const { return constant(Tensor::scalar(value)); }
  std::string index(int64_t value) const;                      // a scalar integer
  std::string list(const std::vector<int64_t>& values) const;  // a vector of integers

 private:
  Builder* m_builder;
  std::string m_path;
};

class Builder {
 public:
  Builder(std::string_view graphName, uint64_t seed);

  void input(std::string_view name, DataType type, const std::vector<PortDim>& dims);
  void output(std::string_view name, DataType type, const std::vector<PortDim>& dims);

  // A float initializer; returns its name.
  std::string weight(std::string_view name, const Dims& dims, Init init);
  // The same with values worked out elsewhere.
  std::string weight(std::string_view name, const Dims& dims, std::span<const float> values);
  // Another name for an equal weight: the exporter stores equal weights once and reaches them through Identity nodes.
  std::string alias(std::string_view name, std::string_view of);

  uint64_t seed() const { return m_seed; }
  Scope root() { return {*this, ""}; }
  Model finish() &&;

 private:
  friend class Scope;
  onnx::TensorProto& initializer(std::string_view name, const Dims& dims);

  Model m_model;
  uint64_t m_seed;
  std::vector<std::pair<std::string, std::string>> m_aliases;
  std::vector<onnx::NodeProto> m_nodes;
  std::map<std::string, int> m_used;  // "/path/OpType" -> how often
};

}  // namespace ridgeline::graph::networks
