// Tensors of ours as the engine's values, and back. These throw what ONNX Runtime throws: call them guarded.
#pragma once

#include "engine/onnxruntime/api.h"
#include "engine/session.h"

namespace ridgeline::engine {

// ONNX Runtime and ONNX number element types alike.
inline graph::DataType fromOrt(ONNXTensorElementDataType type) { return static_cast<graph::DataType>(type); }
inline ONNXTensorElementDataType toOrt(graph::DataType type) { return static_cast<ONNXTensorElementDataType>(type); }

// A copy, in memory aligned as the engine's own.
Ort::Value toValue(const graph::Tensor& tensor);

// False for sequences, maps, sparse tensors and absent optionals.
bool isDense(const Ort::Value& value);
TensorView viewOf(const Ort::Value& value);  // dense values only
graph::Tensor fromValue(const Ort::Value& value);

PortInfo portOf(std::string name, const Ort::TypeInfo& info);

}  // namespace ridgeline::engine
