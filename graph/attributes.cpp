// Attributes of a node and its operator.
#include "graph/graph.h"

#include <algorithm>

namespace ridgeline::graph {
namespace {

std::string_view plainDomain(std::string_view domain) { return domain == "ai.onnx" ? std::string_view{} : domain; }

struct Setter {
  onnx::AttributeProto& attribute;

  void operator()(int64_t value) const {
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
  }
  void operator()(float value) const {
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(value);
  }
  void operator()(const std::string& value) const {
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(value);
  }
  void operator()(const std::vector<int64_t>& values) const {
    attribute.set_type(onnx::AttributeProto::INTS);
    attribute.mutable_ints()->Assign(values.begin(), values.end());
  }
  void operator()(const std::vector<float>& values) const {
    attribute.set_type(onnx::AttributeProto::FLOATS);
    attribute.mutable_floats()->Assign(values.begin(), values.end());
  }
  void operator()(const Tensor& value) const {
    attribute.set_type(onnx::AttributeProto::TENSOR);
    toProto(value, *attribute.mutable_t());
  }
};

}  // namespace

const std::string& idOf(const Node& node) {
  static const std::string none;
  for (const auto& output : node.output()) {
    if (!output.empty()) return output;
  }
  return none;
}

bool isOp(const Node& node, std::string_view opType, std::string_view domain) {
  return node.op_type() == opType && plainDomain(node.domain()) == plainDomain(domain);
}

bool hasInput(const Node& node, int index) { return index < node.input_size() && !node.input(index).empty(); }

const onnx::AttributeProto* findAttribute(const Node& node, std::string_view name) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

// Whether a value is there is asked of the value, not of the type: old files leave the type out.
int64_t intAttribute(const Node& node, std::string_view name, int64_t otherwise) {
  const auto* attribute = findAttribute(node, name);
  return attribute && attribute->has_i() ? attribute->i() : otherwise;
}

float floatAttribute(const Node& node, std::string_view name, float otherwise) {
  const auto* attribute = findAttribute(node, name);
  return attribute && attribute->has_f() ? attribute->f() : otherwise;
}

std::string stringAttribute(const Node& node, std::string_view name, std::string_view otherwise) {
  const auto* attribute = findAttribute(node, name);
  return attribute && attribute->has_s() ? attribute->s() : std::string(otherwise);
}

std::vector<int64_t> intsAttribute(const Node& node, std::string_view name) {
  const auto* attribute = findAttribute(node, name);
  if (!attribute) return {};
  return {attribute->ints().begin(), attribute->ints().end()};
}

void setAttribute(Node& node, std::string_view name, const AttributeValue& value) {
  removeAttribute(node, name);
  auto* attribute = node.add_attribute();
  attribute->set_name(std::string(name));
  std::visit(Setter{*attribute}, value);
}

void removeAttribute(Node& node, std::string_view name) {
  auto& attributes = *node.mutable_attribute();
  const auto gone = [&](const onnx::AttributeProto& attribute) { return attribute.name() == name; };
  attributes.erase(std::remove_if(attributes.begin(), attributes.end(), gone), attributes.end());
}

}  // namespace ridgeline::graph
