#include "advisor/rules/quantization/integer_products.h"

#include "advisor/rules/quantization/linear.h"

namespace ridgeline::advisor::quantization {
namespace {

using graph::DataType;
using graph::Graph;
using graph::Node;

// Where an operator has its inputs.
struct Inputs {
  int weight, scales, zeros, bias;
};
constexpr Inputs kStatic{1, 3, 5, 6}, kDynamic{1, 2, 3, 4};

std::string inputOrNone(const Node& node, int index) { return graph::hasInput(node, index) ? node.input(index) : ""; }

}  // namespace

std::optional<IntegerProduct> asIntegerProduct(const Graph& graph, Node& node) {
  IntegerProduct p;
  p.dynamic = graph::isOp(node, "DynamicQuantizeMatMul", "com.microsoft");
  if (!p.dynamic && !graph::isOp(node, "MatMulIntegerToFloat", "com.microsoft")) return std::nullopt;
  const Inputs at = p.dynamic ? kDynamic : kStatic;
  const Node* const quantize = p.dynamic ? nullptr : graph.producerOf(node, 0, "QuantizeLinear");
  if (!p.dynamic && !quantize) return std::nullopt;
  p.product.node = &node;
  p.product.input = p.dynamic ? node.input(0) : quantize->input(0);
  p.product.weight = inputOrNone(node, at.weight);
  p.product.bias = inputOrNone(node, at.bias);
  p.product.output = node.output(0);
  p.scales = inputOrNone(node, at.scales);
  const auto dims = graph.constantDims(p.product.weight);
  const bool biasIsKnown = p.product.bias.empty() || graph.constantDims(p.product.bias);
  if (!dims || dims->size() != 2 || graph.constantType(p.product.weight) != DataType::Int8 || !biasIsKnown ||
      graph.constantType(p.scales) != DataType::Float || !areZero(graph, node, at.zeros)) {
    return std::nullopt;
  }
  p.product.k = (*dims)[0];
  p.product.n = (*dims)[1];
  return p.product.k > 0 && p.product.n > 0 ? std::optional(std::move(p)) : std::nullopt;
}

KernelForm formOf(const IntegerProduct& product, const Subject& subject) {
  const auto shape = shapeOf(product.product, subject);
  return product.dynamic ? dynamicProduct(shape) : staticProduct(shape, false);
}

std::optional<graph::Tensor> weightOf(const Graph& graph, const IntegerProduct& product) {
  const auto integers = graph.constant(product.product.weight), scales = graph.constant(product.scales);
  if (!integers || !scales || scales->size() == 0) return std::nullopt;
  graph::Tensor weight(DataType::Float, integers->dims());
  const auto from = integers->as<int8_t>();
  const auto scale = scales->as<float>();
  const auto to = weight.as<float>();
  const auto columns = static_cast<size_t>(product.product.n);
  for (size_t i = 0; i < to.size(); ++i) to[i] = from[i] * scale[scale.size() == 1 ? 0 : i % columns];
  return weight;
}

}  // namespace ridgeline::advisor::quantization
