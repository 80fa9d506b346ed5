// One result per output element: arithmetic, comparisons, activations. Operations per element as stated in each entry.
#include "graph/work/operation.h"

#include <algorithm>
#include <string>

namespace ridgeline::graph::work {
namespace {

// The type computed in is the input's: a comparison of floats is floating-point work though its result is Bool.
template <int Cost>
std::optional<Work> pointwise(const Operation& op) {
  const TensorShape* in = op.input(0);
  const TensorShape* out = op.output(0);
  if (!in || !out) return std::nullopt;
  return trafficWith(op, in->type, Cost * elements(*out));
}

// Sum, Max, Min, Mean of n inputs: n - 1 operations per element; Mean divides once more.
template <int Extra>
std::optional<Work> variadic(const Operation& op) {
  const TensorShape* out = op.output(0);
  if (!op.input(0) || !out) return std::nullopt;
  const auto present = std::count_if(op.inputs.begin(), op.inputs.end(), [](const auto& in) { return in.present(); });
  return trafficWith(op, out->type, static_cast<double>(present - 1 + Extra) * elements(*out));
}

template <int Cost>
std::optional<Work> withBias(const Operation& op) {
  const TensorShape* in = op.input(0);
  if (!in) return std::nullopt;
  return trafficWith(op, in->type, (Cost + (op.input(1) ? 1 : 0)) * elements(*in));
}

// A compare per bound that is there: attributes up to opset 10, inputs since.
std::optional<Work> clip(const Operation& op) {
  const TensorShape* in = op.input(0);
  if (!in) return std::nullopt;
  int bounds = (op.input(1) ? 1 : 0) + (op.input(2) ? 1 : 0);
  bounds += (findAttribute(op.node, "min") ? 1 : 0) + (findAttribute(op.node, "max") ? 1 : 0);
  return trafficWith(op, in->type, bounds * elements(*in));
}

// 0.5 x (1 + erf(x / sqrt 2)) is five operations; the tanh form, 0.5 x (1 + tanh(a (x + b x^3))), nine (Hendrycks &
// Gimpel).
std::optional<Work> gelu(const Operation& op) {
  return stringAttribute(op.node, "approximate", "none") == "tanh" ? pointwise<9>(op) : pointwise<5>(op);
}

// Reads the selected side and the condition; which side is data, so both count.
std::optional<Work> where(const Operation& op) {
  if (!op.input(0) || !op.input(1) || !op.input(2)) return std::nullopt;
  return traffic(op);
}

// The two halves of the last axis: one through Gelu, then their product; a bias on both first.
std::optional<Work> biasSplitGelu(const Operation& op) {
  const TensorShape* in = op.input(0);
  const TensorShape* out = op.output(0);
  if (!in || !out) return std::nullopt;
  return trafficWith(op, in->type, elements(*in) + 6 * elements(*out));
}

std::optional<Work> biasAdd(const Operation& op) {
  const TensorShape* in = op.input(0);
  if (!in || !op.input(1)) return std::nullopt;
  return trafficWith(op, in->type, (op.input(2) ? 2 : 1) * elements(*in));
}

constexpr Entry kEntries[] = {
    // One operation each.
    {kOnnx, "Add", pointwise<1>},
    {kOnnx, "Sub", pointwise<1>},
    {kOnnx, "Mul", pointwise<1>},
    {kOnnx, "Div", pointwise<1>},
    {kOnnx, "Pow", pointwise<1>},
    {kOnnx, "Mod", pointwise<1>},
    {kOnnx, "Neg", pointwise<1>},
    {kOnnx, "Abs", pointwise<1>},
    {kOnnx, "Sqrt", pointwise<1>},
    {kOnnx, "Exp", pointwise<1>},
    {kOnnx, "Log", pointwise<1>},
    {kOnnx, "Erf", pointwise<1>},
    {kOnnx, "Reciprocal", pointwise<1>},
    {kOnnx, "Floor", pointwise<1>},
    {kOnnx, "Ceil", pointwise<1>},
    {kOnnx, "Round", pointwise<1>},
    {kOnnx, "Sign", pointwise<1>},
    {kOnnx, "Sin", pointwise<1>},
    {kOnnx, "Cos", pointwise<1>},
    {kOnnx, "Tan", pointwise<1>},
    {kOnnx, "Asin", pointwise<1>},
    {kOnnx, "Acos", pointwise<1>},
    {kOnnx, "Atan", pointwise<1>},
    {kOnnx, "Sinh", pointwise<1>},
    {kOnnx, "Cosh", pointwise<1>},
    {kOnnx, "Tanh", pointwise<1>},
    {kOnnx, "Asinh", pointwise<1>},
    {kOnnx, "Acosh", pointwise<1>},
    {kOnnx, "Atanh", pointwise<1>},
    {kOnnx, "IsNaN", pointwise<1>},
    {kOnnx, "IsInf", pointwise<1>},
    {kOnnx, "Equal", pointwise<1>},
    {kOnnx, "Less", pointwise<1>},
    {kOnnx, "LessOrEqual", pointwise<1>},
    {kOnnx, "Greater", pointwise<1>},
    {kOnnx, "GreaterOrEqual", pointwise<1>},
    {kOnnx, "And", pointwise<1>},
    {kOnnx, "Or", pointwise<1>},
    {kOnnx, "Xor", pointwise<1>},
    {kOnnx, "Not", pointwise<1>},
    {kOnnx, "BitShift", pointwise<1>},
    {kOnnx, "BitwiseAnd", pointwise<1>},
    {kOnnx, "BitwiseOr", pointwise<1>},
    {kOnnx, "BitwiseXor", pointwise<1>},
    {kOnnx, "BitwiseNot", pointwise<1>},
    {kOnnx, "Sum", variadic<0>},
    {kOnnx, "Max", variadic<0>},
    {kOnnx, "Min", variadic<0>},
    {kOnnx, "Mean", variadic<1>},
    {kOnnx, "Where", where},
    {kOnnx, "Clip", clip},
    // Activations, as in activationCost(); PRelu is LeakyRelu with a slope per channel, Shrink a compare and an add.
    {kOnnx, "Relu", pointwise<1>},
    {kOnnx, "LeakyRelu", pointwise<2>},
    {kOnnx, "PRelu", pointwise<2>},
    {kOnnx, "ThresholdedRelu", pointwise<1>},
    {kOnnx, "Shrink", pointwise<2>},
    {kOnnx, "Elu", pointwise<4>},
    {kOnnx, "Softsign", pointwise<3>},
    {kOnnx, "Softplus", pointwise<3>},
    {kOnnx, "Sigmoid", pointwise<4>},
    {kOnnx, "HardSigmoid", pointwise<4>},
    {kOnnx, "Selu", pointwise<5>},
    {kOnnx, "Celu", pointwise<5>},
    {kOnnx, "HardSwish", pointwise<5>},
    {kOnnx, "Mish", pointwise<5>},
    {kOnnx, "Swish", pointwise<5>},
    {kOnnx, "Gelu", gelu},
    // ONNX Runtime's.
    {kMicrosoft, "Gelu", pointwise<5>},
    {kMicrosoft, "BiasGelu", pointwise<6>},
    {kMicrosoft, "FastGelu", withBias<9>},
    {kMicrosoft, "QuickGelu", pointwise<6>},  // x sigmoid(a x)
    {kMicrosoft, "BiasSplitGelu", biasSplitGelu},
    {kMicrosoft, "BiasAdd", biasAdd},
};

}  // namespace

std::span<const Entry> elementwiseEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
