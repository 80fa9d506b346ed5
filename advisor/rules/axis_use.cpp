#include "advisor/rules/axis_use.h"

#include <map>

namespace ridgeline::advisor {

std::optional<size_t> axisOf(int64_t axis, size_t rank) {
  if (axis < 0) axis += static_cast<int64_t>(rank);
  if (axis < 0 || axis >= static_cast<int64_t>(rank)) return std::nullopt;
  return static_cast<size_t>(axis);
}

std::optional<AxisUse> axisUseOf(const graph::Node& node) {
  using enum AxisUse;
  static const std::map<std::string, AxisUse, std::less<>> uses = [] {
    std::map<std::string, AxisUse, std::less<>> all;
    for (const char* t :
         {"Abs",     "Cast",  "Ceil", "Celu",        "Clip",       "Cos",      "Elu",   "Erf",
          "Exp",     "Floor", "Gelu", "HardSigmoid", "HardSwish",  "Identity", "IsNaN", "LeakyRelu",
          "Log",     "Mish",  "Neg",  "Not",         "Reciprocal", "Relu",     "Round", "Selu",
          "Sigmoid", "Sign",  "Sin",  "Softplus",    "Softsign",   "Sqrt",     "Tanh",  "ThresholdedRelu"}) {
      all[t] = Unary;
    }
    for (const char* t : {"Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max",
                          "Mean", "Min", "Mul", "Or", "PRelu", "Pow", "Sub", "Sum", "Where", "Xor"}) {
      all[t] = Broadcast;
    }
    for (const char* t : {"ArgMax", "ArgMin", "Hardmax", "LogSoftmax", "LpNormalization", "Softmax", "Split"})
      all[t] = Axis;
    for (const char* t : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
                          "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"}) {
      all[t] = Reduce;
    }
    all["Concat"] = Concat;
    all["Slice"] = Slice;
    all["Pad"] = all["Resize"] = PerAxis;
    all["QuantizeLinear"] = all["DequantizeLinear"] = Quantize;
    return all;
  }();
  if (!node.domain().empty() && node.domain() != "ai.onnx") return std::nullopt;
  const auto it = uses.find(node.op_type());
  return it == uses.end() ? std::nullopt : std::optional(it->second);
}

int64_t defaultAxis(const graph::Node& node) {
  if (node.op_type() == "QuantizeLinear" || node.op_type() == "DequantizeLinear") return 1;
  const bool first = node.op_type() == "Split" || node.op_type() == "ArgMax" || node.op_type() == "ArgMin";
  return first ? 0 : -1;
}

}  // namespace ridgeline::advisor
