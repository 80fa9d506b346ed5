#include "engine/onnxruntime/values.h"

#include <algorithm>
#include <cstring>

namespace ridgeline::engine {

static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT == static_cast<int>(graph::DataType::Float));
static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL == static_cast<int>(graph::DataType::Bool));
static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 == static_cast<int>(graph::DataType::Bfloat16));
static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2FNUZ == static_cast<int>(graph::DataType::Float8E5M2FNUZ));
static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT4 == static_cast<int>(graph::DataType::Uint4));
static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_INT4 == static_cast<int>(graph::DataType::Int4));

Ort::Value toValue(const graph::Tensor& tensor) {
  Ort::AllocatorWithDefaultOptions allocator;
  auto value = Ort::Value::CreateTensor(allocator, tensor.dims().data(), tensor.dims().size(), toOrt(tensor.type()));
  if (tensor.type() == graph::DataType::String) {
    std::vector<const char*> texts;
    for (const auto& s : tensor.strings()) texts.push_back(s.c_str());
    value.FillStringTensor(texts.data(), texts.size());
    return value;
  }
  const size_t size = value.GetTensorSizeInBytes();
  if (size != tensor.byteSize()) {
    throw std::runtime_error(fmt::format("a {} tensor of shape {} has {} bytes, not {}", graph::nameOf(tensor.type()),
                                         graph::formatDims(tensor.dims()), size, tensor.byteSize()));
  }
  if (size > 0) std::memcpy(value.GetTensorMutableRawData(), tensor.bytes().data(), size);
  return value;
}

bool isDense(const Ort::Value& value) { return value != nullptr && value.HasValue() && value.IsTensor(); }

TensorView viewOf(const Ort::Value& value) {
  const auto info = value.GetTensorTypeAndShapeInfo();
  TensorView view;
  view.type = fromOrt(info.GetElementType());
  view.dims = info.GetShape();
  if (view.type != graph::DataType::String) {
    view.bytes = {static_cast<const std::byte*>(value.GetTensorRawData()), value.GetTensorSizeInBytes()};
  }
  return view;
}

graph::Tensor fromValue(const Ort::Value& value) {
  const TensorView view = viewOf(value);
  graph::Tensor tensor(view.type, view.dims);
  if (view.type == graph::DataType::String) {
    const auto count = static_cast<size_t>(tensor.size());
    tensor.strings().resize(count);
    for (size_t i = 0; i < count; ++i) tensor.strings()[i] = value.GetStringTensorElement(i);
    return tensor;
  }
  const size_t size = std::min(view.bytes.size(), tensor.byteSize());
  if (size > 0) std::memcpy(tensor.bytes().data(), view.bytes.data(), size);
  return tensor;
}

PortInfo portOf(std::string name, const Ort::TypeInfo& info) {
  PortInfo port;
  port.name = std::move(name);
  if (info.GetONNXType() != ONNX_TYPE_TENSOR) return port;
  const auto tensor = info.GetTensorTypeAndShapeInfo();
  port.type = fromOrt(tensor.GetElementType());
  port.ranked = tensor.HasShape();
  if (!port.ranked) return port;
  port.dims = tensor.GetShape();
  for (const char* symbol : tensor.GetSymbolicDimensions()) port.symbols.emplace_back(symbol ? symbol : "");
  for (size_t i = 0; i < port.dims.size(); ++i) {
    if (port.dims[i] >= 0) port.symbols[i].clear();
  }
  return port;
}

}  // namespace ridgeline::engine
