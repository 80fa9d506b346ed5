// Conversions between floats and small integers, and ONNX Runtime's pointwise operators on quantized tensors. Products
// of quantized tensors are in matrix.cpp, convolution.cpp, attention.cpp and recurrent.cpp with their floating-point
// forms.
#include "graph/work/operation.h"

namespace ridgeline::graph::work {
namespace {

// (x - zero_point) * scale; y = clip(round(x / scale) + zero_point): what QuantizeLinear and DequantizeLinear are
// defined as. The clip is the narrowing itself.
constexpr double kDequantizeCost = 2;
constexpr double kQuantizeCost = 3;

std::optional<Work> floatPerOutput(const Operation& op, double cost) {
  const TensorShape* out = op.output(0);
  if (!out) return std::nullopt;
  return trafficWith(op, DataType::Float, cost * elements(*out));
}

std::optional<Work> quantize(const Operation& op) { return floatPerOutput(op, kQuantizeCost - (op.input(2) ? 0 : 1)); }
std::optional<Work> dequantize(const Operation& op) {
  return floatPerOutput(op, kDequantizeCost - (op.input(2) ? 0 : 1));
}
// The range first: two compares.
std::optional<Work> dynamicQuantize(const Operation& op) { return floatPerOutput(op, 2 + kQuantizeCost); }

// QLinear operators are defined on the real values: each operand dequantized, Cost operations, the result quantized.
// The arithmetic is therefore float's; the bytes are those of 8 bits.
template <int Cost, int Operands>
std::optional<Work> onRealValues(const Operation& op) {
  return floatPerOutput(op, Operands * kDequantizeCost + Cost + kQuantizeCost);
}

// Of one 8-bit operand: a table of 256 results, one look-up each.
std::optional<Work> lookUp(const Operation& op) {
  const TensorShape* out = op.output(0);
  if (!out) return std::nullopt;
  return trafficWithInt8(op, elements(*out));
}

// Y_scale, Y_zero_point, then tensor, scale, zero_point for each: rescaled where scales differ, which is data.
std::optional<Work> concat(const Operation& op) { return onRealValues<0, 1>(op); }
// condition, X, x_scale, x_zero_point, Y, ...: the side selected is rescaled.
std::optional<Work> where(const Operation& op) { return onRealValues<0, 1>(op); }
std::optional<Work> softmax(const Operation& op) { return onRealValues<static_cast<int>(kSoftmaxCost), 1>(op); }

constexpr Entry kEntries[] = {
    {kOnnx, "QuantizeLinear", quantize},
    {kOnnx, "DequantizeLinear", dequantize},
    {kOnnx, "DynamicQuantizeLinear", dynamicQuantize},
    {kMicrosoft, "QuantizeLinear", quantize},
    {kMicrosoft, "DequantizeLinear", dequantize},
    {kMicrosoft, "QLinearAdd", onRealValues<1, 2>},
    {kMicrosoft, "QLinearMul", onRealValues<1, 2>},
    {kMicrosoft, "QLinearSigmoid", lookUp},
    {kMicrosoft, "QLinearLeakyRelu", lookUp},
    {kMicrosoft, "QLinearSoftmax", softmax},
    {kMicrosoft, "QLinearConcat", concat},
    {kMicrosoft, "QLinearWhere", where},
};

}  // namespace

std::span<const Entry> quantizedEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
