#include "graph/work/operation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace ridgeline::graph::work {
namespace {

const TensorShape* presentAt(std::span<const TensorShape> shapes, size_t index) {
  return index < shapes.size() && shapes[index].present() ? &shapes[index] : nullptr;
}

template <class Names>
bool allKnown(const Names& names, std::span<const TensorShape> shapes) {
  for (int i = 0; i < names.size(); ++i) {
    if (!names.Get(i).empty() && !presentAt(shapes, static_cast<size_t>(i))) return false;
  }
  return true;
}

double totalBytes(std::span<const TensorShape> shapes) {
  double total = 0;
  for (const TensorShape& shape : shapes) total += byteCount(shape);
  return total;
}

}  // namespace

const TensorShape* Operation::input(size_t index) const { return presentAt(inputs, index); }
const TensorShape* Operation::output(size_t index) const { return presentAt(outputs, index); }
bool Operation::inputsKnown() const { return allKnown(node.input(), inputs); }
bool Operation::outputsKnown() const { return allKnown(node.output(), outputs); }

double elements(std::span<const int64_t> dims) {
  double product = 1;
  for (const int64_t dim : dims) product *= static_cast<double>(dim);
  return product;
}
double elements(const TensorShape& shape) { return elements(shape.dims); }

double byteCount(DataType type, double count) { return std::ceil(count * bitsOf(type) / 8.0); }
double byteCount(const TensorShape& shape) { return byteCount(shape.type, elements(shape)); }

void addArithmetic(Work& work, DataType type, double operations) {
  (isFloating(type) ? work.flops : work.intOps) += operations;
  work.computeType = type;
}

std::optional<Work> traffic(const Operation& op) {
  if (!op.output(0) || !op.inputsKnown() || !op.outputsKnown()) return std::nullopt;
  Work work;
  work.bytesRead = totalBytes(op.inputs);
  work.bytesWritten = totalBytes(op.outputs);
  return work;
}

std::optional<Work> trafficWith(const Operation& op, DataType type, double operations) {
  auto work = traffic(op);
  if (work) addArithmetic(*work, type, operations);
  return work;
}

std::optional<Work> trafficWithInt8(const Operation& op, double operations) {
  return trafficWith(op, DataType::Int8, operations);
}

std::optional<double> activationCost(std::string_view name) {
  // Those with a bend count the compare: Elu compares, then exponential, subtract, multiply; Selu multiplies once more,
  // Celu divides first. Sigmoid: negate, exponential, add, divide. HardSigmoid: multiply, add, two bounds; HardSwish
  // multiplies by x on top, Swish does so to Sigmoid. Gelu: scale, erf, add, two products. Softplus: exponential, add,
  // logarithm; Mish adds a tanh and a product.
  static constexpr std::array<std::pair<std::string_view, double>, 19> costs{{
      {"Relu", 1},     {"Tanh", 1},     {"ThresholdedRelu", 1}, {"Affine", 2},  {"Clip", 2},        {"LeakyRelu", 2},
      {"Softsign", 3}, {"Softplus", 3}, {"ScaledTanh", 3},      {"Sigmoid", 4}, {"HardSigmoid", 4}, {"Elu", 4},
      {"Selu", 5},     {"Celu", 5},     {"HardSwish", 5},       {"Mish", 5},    {"Gelu", 5},        {"Swish", 5},
      {"Silu", 5},
  }};
  const auto found = std::find_if(costs.begin(), costs.end(), [&](const auto& cost) { return cost.first == name; });
  if (found == costs.end()) return std::nullopt;
  return found->second;
}

std::optional<double> fusedActivationCost(const Node& node) {
  const std::string name = stringAttribute(node, "activation", "");
  return name.empty() ? std::optional<double>(0) : activationCost(name);
}

}  // namespace ridgeline::graph::work
