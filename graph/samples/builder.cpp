#include "graph/samples/builder.h"

#include "graph/samples/random.h"

#include <algorithm>
#include <cstring>

namespace ridgeline::graph::networks {

namespace {

constexpr int64_t OpsetVersion = 16;

void setPort(onnx::ValueInfoProto& port, std::string_view name, DataType type, const std::vector<PortDim>& dims) {
  port.set_name(std::string(name));
  auto* tensor = port.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(static_cast<int32_t>(type));
  auto* shape = tensor->mutable_shape();
  for (const PortDim& dim : dims) {
    auto* d = shape->add_dim();
    if (const auto* size = std::get_if<int64_t>(&dim)) {
      d->set_dim_value(*size);
    } else {
      d->set_dim_param(std::get<std::string>(dim));
    }
  }
}

}  // namespace

std::string Scope::op(const std::string& type, std::vector<std::string> inputs, const Attributes& attributes,
                      std::string_view output) const {
  std::string name = m_path + "/" + type;
  if (const int used = m_builder->m_used[name]++) name += fmt::format("_{}", used);

  onnx::NodeProto& node = m_builder->m_nodes.emplace_back();
  node.set_op_type(type);
  node.set_name(name);
  for (std::string& input : inputs) node.add_input(std::move(input));
  node.add_output(output.empty() ? name + "_output_0" : std::string(output));
  for (const auto& [key, value] : attributes) setAttribute(node, key, value);
  return node.output(0);
}

std::string Scope::constant(const Tensor& value) const { return op("Constant", {}, {{"value", value}}); }

std::string Scope::index(int64_t value) const { return constant(Tensor::of<int64_t>({}, {&value, 1})); }

std::string Scope::list(const std::vector<int64_t>& values) const {
  return constant(Tensor::vector(std::span<const int64_t>(values)));
}

Builder::Builder(std::string_view graphName, uint64_t seed)
    : m_model(Model::create(OpsetVersion, graphName)), m_seed(seed) {}

void Builder::input(std::string_view name, DataType type, const std::vector<PortDim>& dims) {
  setPort(*m_model.graphProto().add_input(), name, type, dims);
}

void Builder::output(std::string_view name, DataType type, const std::vector<PortDim>& dims) {
  setPort(*m_model.graphProto().add_output(), name, type, dims);
}

onnx::TensorProto& Builder::initializer(std::string_view name, const Dims& dims) {
  onnx::TensorProto& proto = *m_model.graphProto().add_initializer();
  proto.set_name(std::string(name));
  proto.set_data_type(static_cast<int32_t>(DataType::Float));
  for (const int64_t d : dims) proto.add_dims(d);
  return proto;
}

std::string Builder::weight(std::string_view name, const Dims& dims, Init init) {
  // Filled in place: a tensor of its own for each weight would double the peak of a large network.
  std::string& raw = *initializer(name, dims).mutable_raw_data();
  raw.resize(static_cast<size_t>(elementCount(dims)) * sizeof(float));
  const std::span<float> values(reinterpret_cast<float*>(raw.data()), raw.size() / sizeof(float));
  const uint64_t stream = streamOf(m_seed, name);
  switch (init.kind) {
    case Init::Kind::Uniform:
      fillUniform(values, init.value, stream);
      break;
    case Init::Kind::Normal:
      fillNormal(values, init.value, stream);
      break;
    case Init::Kind::Fill:
      std::ranges::fill(values, init.value);
      break;
  }
  return std::string(name);
}

std::string Builder::weight(std::string_view name, const Dims& dims, std::span<const float> values) {
  initializer(name, dims).set_raw_data(values.data(), values.size_bytes());
  return std::string(name);
}

std::string Builder::alias(std::string_view name, std::string_view of) {
  m_aliases.emplace_back(name, of);
  return std::string(name);
}

Model Builder::finish() && {
  onnx::GraphProto& graph = m_model.graphProto();
  // The exporter puts the Identity nodes first, latest weight foremost.
  int count = 0;
  for (auto alias = m_aliases.rbegin(); alias != m_aliases.rend(); ++alias) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type("Identity");
    node.set_name("Identity_" + std::to_string(count++));
    node.add_input(alias->second);
    node.add_output(alias->first);
  }
  for (onnx::NodeProto& node : m_nodes) *graph.add_node() = std::move(node);
  return std::move(m_model);
}

}  // namespace ridgeline::graph::networks
