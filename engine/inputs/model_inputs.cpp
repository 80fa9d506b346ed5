#include "engine/inputs/model_inputs.h"

#include <algorithm>
#include <unordered_set>

namespace ridgeline::engine {
namespace {

PortInfo portOf(const onnx::ValueInfoProto& value) {
  PortInfo port;
  port.name = value.name();
  if (!value.type().has_tensor_type()) return port;
  const auto& tensor = value.type().tensor_type();
  port.type = static_cast<graph::DataType>(tensor.elem_type());
  port.ranked = tensor.has_shape();
  for (const auto& dim : tensor.shape().dim()) {
    const bool fixed = dim.has_dim_value() && dim.dim_value() >= 0;
    port.dims.push_back(fixed ? dim.dim_value() : -1);
    port.symbols.push_back(fixed ? "" : dim.dim_param());
  }
  return port;
}

}  // namespace

std::vector<PortInfo> modelInputs(const graph::Model& model) {
  std::unordered_set<std::string> defaults;
  for (const auto& tensor : model.graphProto().initializer()) defaults.insert(tensor.name());
  std::vector<PortInfo> ports;
  for (const auto& input : model.graphProto().input()) {
    if (!defaults.contains(input.name())) ports.push_back(portOf(input));
  }
  return ports;
}

Status checkInputKinds(const std::vector<PortInfo>& ports) {
  for (const auto& port : ports) {
    if (port.type == graph::DataType::Undefined) {
      return badInput(
          fmt::format("input {} is no tensor (a sequence, map or optional); only tensors can be given", port.name));
    }
    const bool text = port.type == graph::DataType::String;
    if (!text && (graph::bitsOf(port.type) == 0 || port.type == graph::DataType::Complex64 ||
                  port.type == graph::DataType::Complex128)) {
      return badInput(
          fmt::format("input {} has the element type {}, which cannot be given", port.name, graph::nameOf(port.type)));
    }
  }
  return {};
}

const PortInfo* findPort(const std::vector<PortInfo>& ports, std::string_view name) {
  const auto found = std::find_if(ports.begin(), ports.end(), [name](const PortInfo& p) { return p.name == name; });
  return found == ports.end() ? nullptr : &*found;
}

std::string describe(const std::vector<PortInfo>& ports) {
  std::string out;
  for (const auto& port : ports) {
    std::string dims;
    for (size_t i = 0; i < port.dims.size(); ++i) {
      if (i) dims += 'x';
      dims += port.dims[i] >= 0 ? std::to_string(port.dims[i]) : port.symbols[i].empty() ? "?" : port.symbols[i];
    }
    if (!port.ranked) dims = "any shape";
    if (!out.empty()) out += ", ";
    out += dims.empty() ? port.name : fmt::format("{}={}", port.name, dims);
  }
  return out.empty() ? "none" : out;
}

}  // namespace ridgeline::engine
