#include "advisor/rules/quantization/integer_convolution.h"

#include "advisor/rules/constant_behind.h"
#include "advisor/rules/quantization/convolutions.h"
#include "advisor/rules/quantization/linear.h"

#include <algorithm>

namespace ridgeline::advisor::quantization {

using graph::DataType;
using graph::Graph;
using graph::Node;
using graph::Tensor;

std::optional<IntegerConvolution> asIntegerConvolution(const Graph& graph, Node& node) {
  if (!graph::isOp(node, "Conv")) return std::nullopt;
  IntegerConvolution c;
  c.node = &node;
  c.input = linearBehind(graph, node, 0, "DequantizeLinear");
  c.weights = linearBehind(graph, node, 1, "DequantizeLinear");
  if (!c.input || !c.weights) return std::nullopt;
  c.values = constantBehind(graph, c.weights->input(0));
  const auto dims = graph.constantDims(c.values);
  const auto type = graph.constantType(c.values);
  if (type != DataType::Int8 && type != DataType::Uint8) return std::nullopt;
  if (!dims || dims->size() < 3 || graph::elementCount(*dims) == 0) return std::nullopt;
  c.dims = *dims;
  if (graph::hasInput(*c.input, 2)) c.integers = graph.constantType(c.input->input(2)).value_or(DataType::Uint8);
  c.activation = activationBehind(graph, node);
  Node* const next = graph.onlyConsumer((c.activation ? *c.activation : node).output(0));
  if (next && isLinear(*next, "QuantizeLinear")) c.quantize = next;
  return c;
}

std::optional<ConvolutionShape> shapeOf(const IntegerConvolution& convolution, const Subject& subject) {
  const auto* facts = subject.shape(convolution.input->output(0));
  if (!facts || graph::elementCount(facts->dims) == 0) return std::nullopt;
  ConvolutionShape shape{facts->dims, convolution.dims, {}};
  *shape.attributes.mutable_attribute() = convolution.node->attribute();
  return shape;
}

ConvolutionForm formOf(const IntegerConvolution& convolution) {
  return convolution.integers == DataType::Int8 ? ConvolutionForm::Int8 : ConvolutionForm::Uint8;
}

Node* ownWeights(Graph& graph, Node& convolution, Node& dequantize) {
  if (graph.consumers(dequantize.output(0)).size() <= 1) return &dequantize;
  graph::NodeSpec copy{
      dequantize.op_type(), {dequantize.input().begin(), dequantize.input().end()}, {}, {}, dequantize.domain(), {}};
  const auto attributes = dequantize.attribute();
  Node* const made = graph.addNode(std::move(copy));
  *made->mutable_attribute() = attributes;
  graph.setInput(&convolution, 1, made->output(0));
  return made;
}

std::optional<Tensor> zeroWeights(const Graph& graph, const Node& dequantize, DataType type, graph::Dims dims) {
  Tensor weights(type, std::move(dims));
  if (!graph::hasInput(dequantize, 2)) return weights;
  const auto zeros = graph.constant(dequantize.input(2));
  const auto outputs = static_cast<size_t>(weights.dims().front());
  if (!zeros || zeros->type() != type || (zeros->byteSize() != 1 && zeros->byteSize() != outputs)) return std::nullopt;
  const size_t run = weights.byteSize() / outputs;
  for (size_t o = 0; o < outputs; ++o) {
    std::ranges::fill(weights.bytes().subspan(o * run, run), zeros->bytes()[zeros->byteSize() == 1 ? 0 : o]);
  }
  return weights;
}

}  // namespace ridgeline::advisor::quantization
