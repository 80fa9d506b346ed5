// What a graph knows of its constants.
#include "graph/external_data.h"
#include "graph/graph.h"

namespace ridgeline::graph {

// Where a constant's value is: one of the two, or neither when the tensor is none.
struct Graph::Constant {
  const onnx::TensorProto* tensor = nullptr;
  const onnx::AttributeProto* attribute = nullptr;  // value_float and its like, of a Constant node
};

namespace {

// The attributes of Constant (opset 13) that hold plain values.
constexpr std::string_view plainValues[] = {"value_float", "value_floats", "value_int",
                                            "value_ints",  "value_string", "value_strings"};

bool isList(const onnx::AttributeProto& attribute) { return attribute.name().ends_with('s'); }

Tensor plainTensor(const onnx::AttributeProto& attribute) {
  if (attribute.name() == "value_float") return Tensor::scalar(attribute.f());
  if (attribute.name() == "value_floats") {
    return Tensor::vector(std::span(attribute.floats().data(), static_cast<size_t>(attribute.floats_size())));
  }
  if (attribute.name() == "value_ints") {
    const std::vector<int64_t> values(attribute.ints().begin(), attribute.ints().end());
    return Tensor::vector(std::span<const int64_t>(values));
  }
  if (attribute.name() == "value_int") {
    const int64_t value = attribute.i();
    return Tensor::of<int64_t>({}, std::span(&value, 1));
  }
  Tensor text(DataType::String, isList(attribute) ? Dims{attribute.strings_size()} : Dims{});
  if (isList(attribute)) {
    text.strings().assign(attribute.strings().begin(), attribute.strings().end());
  } else {
    text.strings()[0] = attribute.s();
  }
  return text;
}

}  // namespace

bool Graph::isOverridable(std::string_view tensor) const {
  // Up to IR version 3 every initializer had to be listed as an input, without being meant as one.
  return m_model.proto().ir_version() >= 4 && m_inputs.contains(tensor);
}

Graph::Constant Graph::findConstant(std::string_view tensor) const {
  if (const auto it = m_initializers.find(tensor); it != m_initializers.end()) {
    if (isOverridable(tensor)) return {};
    return {it->second, nullptr};
  }
  const Node* node = producer(tensor);
  if (!node || !isOp(*node, "Constant")) return {};
  if (const auto* value = findAttribute(*node, "value"); value && value->has_t()) return {&value->t(), nullptr};
  for (const auto name : plainValues) {
    if (const auto* value = findAttribute(*node, name)) return {nullptr, value};
  }
  return {};
}

bool Graph::isConstant(std::string_view tensor) const {
  const auto found = findConstant(tensor);
  return found.tensor || found.attribute;
}

std::optional<Tensor> Graph::constant(std::string_view tensor) const {
  const auto found = findConstant(tensor);
  if (found.attribute) return plainTensor(*found.attribute);
  if (!found.tensor) return std::nullopt;
  auto value = m_model.tensor(*found.tensor);
  if (!value) return std::nullopt;
  return std::move(*value);
}

std::optional<Dims> Graph::constantDims(std::string_view tensor) const {
  const auto found = findConstant(tensor);
  if (found.tensor) return Dims(found.tensor->dims().begin(), found.tensor->dims().end());
  if (!found.attribute) return std::nullopt;
  return plainTensor(*found.attribute).dims();
}

std::optional<DataType> Graph::constantType(std::string_view tensor) const {
  const auto found = findConstant(tensor);
  if (found.tensor) return static_cast<DataType>(found.tensor->data_type());
  if (!found.attribute) return std::nullopt;
  return plainTensor(*found.attribute).type();
}

std::optional<double> Graph::scalarConstant(std::string_view tensor) const {
  const auto dims = constantDims(tensor);
  if (!dims || elementCount(*dims) != 1) return std::nullopt;
  const auto value = constant(tensor);
  if (!value) return std::nullopt;
  // Doubles and 64-bit integers would lose digits on the way through float.
  if (value->type() == DataType::Double) return value->as<double>()[0];
  if (isInteger(value->type())) return static_cast<double>(value->toInts()[0]);
  const auto floats = value->toFloats();
  if (floats.empty()) return std::nullopt;
  return floats[0];
}

}  // namespace ridgeline::graph
