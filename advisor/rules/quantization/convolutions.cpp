#include "advisor/rules/quantization/convolutions.h"

#include "advisor/rules/constant_behind.h"

namespace ridgeline::advisor::quantization {

using graph::Graph;
using graph::Node;

std::optional<Convolution> asConvolution(const Graph& graph, Node& node, std::string* why) {
  if (!graph::isOp(node, "Conv") || node.input_size() < 2 || node.output_size() != 1) return std::nullopt;
  const auto refuse = [&](const char* reason) {
    if (why) *why = reason;
    return std::nullopt;
  };
  Convolution c;
  c.node = &node;
  c.weight = floatConstantBehind(graph, node.input(1));
  if (c.weight.empty()) return refuse("the weight is not a float32 constant");
  const auto dims = graph.constantDims(c.weight);
  if (!dims || dims->size() < 3 || graph::elementCount(*dims) == 0) return refuse("the weight has no spatial dims");
  c.channels = dims->front();
  if (graph::hasInput(node, 2)) {
    c.bias = floatConstantBehind(graph, node.input(2));
    if (c.bias.empty() || graph.constantDims(c.bias) != graph::Dims{c.channels}) {
      return refuse("the bias is not a float32 constant for each channel");
    }
  }
  return c;
}

std::vector<Convolution> allConvolutions(const Graph& graph, const std::string& rule,
                                         std::vector<NearMiss>* nearMisses) {
  std::vector<Convolution> found;
  for (Node* node : graph.nodes()) {
    std::string why;
    if (auto c = asConvolution(graph, *node, &why)) {
      found.push_back(std::move(*c));
    } else if (!why.empty() && nearMisses) {
      nearMisses->push_back({rule, graph::idOf(*node), "Conv: " + why});
    }
  }
  return found;
}

Node* activationBehind(const Graph& graph, const Node& convolution) {
  Node* const next = graph.onlyConsumer(convolution.output(0));
  return next && (graph::isOp(*next, "Relu") || graph::isOp(*next, "Clip")) ? next : nullptr;
}

std::optional<ConvolutionShape> shapeOf(const Graph& graph, const Node& node, const std::string& weights,
                                        const Subject& subject) {
  const auto* input = subject.shape(node.input(0));
  const auto dims = graph.constantDims(weights);
  if (!input || !dims || input->type != graph::DataType::Float || graph::elementCount(input->dims) == 0) {
    return std::nullopt;
  }
  ConvolutionShape shape{input->dims, *dims, {}};
  *shape.attributes.mutable_attribute() = node.attribute();
  return shape;
}

}  // namespace ridgeline::advisor::quantization
