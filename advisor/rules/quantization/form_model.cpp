#include "advisor/rules/quantization/form_model.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace ridgeline::advisor::quantization {

using graph::DataType;
using graph::Tensor;

graph::Tensor filled(DataType type, graph::Dims dims) {
  Tensor tensor(type, std::move(dims));
  if (type == DataType::Float) {
    auto values = tensor.as<float>();
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 127) / 640.0f - 0.1f;
  } else {
    auto bytes = tensor.as<uint8_t>();
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i % 101 + 3);
  }
  return tensor;
}

std::string attributesKey(const graph::Node& attributes) {
  std::vector<std::string> texts;
  for (const auto& a : attributes.attribute()) {
    if (a.strings_size() > 0) {
      texts.push_back(fmt::format("{}={}", a.name(), fmt::join(a.strings(), ",")));
    } else if (a.ints_size() > 0) {
      texts.push_back(fmt::format("{}={}", a.name(), fmt::join(a.ints(), "x")));
    } else {
      texts.push_back(a.has_s() ? fmt::format("{}={}", a.name(), a.s()) : fmt::format("{}={}", a.name(), a.i()));
    }
  }
  std::ranges::sort(texts);
  return fmt::format("{}", fmt::join(texts, " "));
}

FormModel::FormModel(const std::string& name, DataType type, const graph::Dims& dims, int64_t opset)
    : m_model(graph::Model::create(opset, name)), m_graph(m_model) {
  m_model.requireOpset("com.microsoft", 1);
  auto* input = m_model.graphProto().add_input();
  input->set_name("x");
  auto* tensor = input->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(static_cast<int32_t>(type));
  for (const auto d : dims) tensor->mutable_shape()->add_dim()->set_dim_value(d);
}

std::string FormModel::add(graph::NodeSpec spec) { return m_graph.addNode(std::move(spec))->output(0); }

std::string FormModel::addLike(const graph::Node& attributes, graph::NodeSpec spec) {
  graph::Node* node = m_graph.addNode(std::move(spec));
  *node->mutable_attribute() = attributes.attribute();
  return node->output(0);
}

std::string FormModel::constant(const Tensor& tensor) { return m_graph.addInitializer("c", tensor); }
std::string FormModel::floats(int64_t n) { return constant(filled(DataType::Float, {n})); }
std::string FormModel::scalar(float value) { return constant(Tensor::scalar(value)); }

std::string FormModel::zeroPoint(DataType type, int value) {
  Tensor zero(type, {});
  zero.as<uint8_t>()[0] = static_cast<uint8_t>(value);
  return constant(zero);
}

std::string FormModel::quantize(const std::string& x, const std::string& scale, const std::string& zero) {
  return add({"QuantizeLinear", {x, scale, zero}, {}, {}, {}, {}});
}

std::string FormModel::dequantize(const std::string& x, const std::string& scale, const std::string& zero,
                                  int64_t axis) {
  return add({"DequantizeLinear", {x, scale, zero}, {}, {{"axis", axis}}, {}, {}});
}

std::vector<std::string> FormModel::split(const std::string& x, const std::vector<int64_t>& sizes, int64_t axis) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < sizes.size(); ++i) parts.push_back(m_graph.uniqueName("part"));
  m_graph.addNode(
      {"Split", {x, constant(Tensor::vector(std::span<const int64_t>(sizes)))}, parts, {{"axis", axis}}, {}, {}});
  return parts;
}

void FormModel::output(const std::string& tensor, DataType type) {
  auto* info = m_model.graphProto().add_output();  // the engine infers its shape
  info->set_name(tensor);
  info->mutable_type()->mutable_tensor_type()->set_elem_type(static_cast<int32_t>(type));
}

graph::Model FormModel::take() && {
  m_graph.sort();
  return std::move(m_model);
}

}  // namespace ridgeline::advisor::quantization
