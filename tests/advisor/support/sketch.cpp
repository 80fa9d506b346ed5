#include "tests/advisor/support/sketch.h"

#include <random>

namespace ridgeline::test {

using graph::DataType;
using graph::Dims;
using graph::Tensor;

Tensor randomTensor(Dims dims, uint64_t seed, float scale) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<float> normal(0, scale);
  Tensor t(DataType::Float, std::move(dims));
  for (float& v : t.as<float>()) v = normal(engine);
  return t;
}

Tensor ints(const std::vector<int64_t>& values) { return Tensor::vector(std::span<const int64_t>(values)); }

Tensor index(int64_t value) { return Tensor::of<int64_t>({}, std::span<const int64_t>(&value, 1)); }

Tensor floats(Dims dims, const std::vector<float>& values) {
  return Tensor::of<float>(std::move(dims), std::span<const float>(values));
}

namespace {

void describe(onnx::ValueInfoProto& port, const std::string& name, const Dims* dims, DataType type) {
  port.set_name(name);
  auto* tensor = port.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(static_cast<int32_t>(type));
  if (!dims) return;
  auto* shape = tensor->mutable_shape();
  for (size_t axis = 0; axis < dims->size(); ++axis) {
    auto* dim = shape->add_dim();
    if ((*dims)[axis] >= 0) {
      dim->set_dim_value((*dims)[axis]);
    } else {
      dim->set_dim_param(name + "_" + std::to_string(axis));
    }
  }
}

}  // namespace

Sketch& Sketch::input(const std::string& name, Dims dims, DataType type) {
  describe(*m_model.graphProto().add_input(), name, &dims, type);
  return *this;
}

Sketch& Sketch::output(const std::string& name, DataType type) {
  describe(*m_model.graphProto().add_output(), name, nullptr, type);
  return *this;
}

Sketch& Sketch::weight(const std::string& name, const Tensor& value) {
  onnx::TensorProto& proto = *m_model.graphProto().add_initializer();
  graph::toProto(value, proto);
  proto.set_name(name);
  return *this;
}

Sketch& Sketch::node(const std::string& opType, std::vector<std::string> inputs, std::vector<std::string> outputs,
                     const std::vector<std::pair<std::string, graph::AttributeValue>>& attributes,
                     const std::string& domain) {
  onnx::NodeProto& node = *m_model.graphProto().add_node();
  node.set_op_type(opType);
  node.set_domain(domain);
  for (std::string& input : inputs) node.add_input(std::move(input));
  for (std::string& output : outputs) node.add_output(std::move(output));
  for (const auto& [name, value] : attributes) graph::setAttribute(node, name, value);
  if (!domain.empty()) m_model.requireOpset(domain, 1);
  return *this;
}

}  // namespace ridgeline::test
