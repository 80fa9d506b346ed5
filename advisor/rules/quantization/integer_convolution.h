// Convolutions of integers, as quantized models spell them: what the engine runs as one operator.
#pragma once

#include "advisor/rules/quantization/forms.h"

#include <optional>
#include <string>

namespace ridgeline::advisor::quantization {

// DequantizeLinear -> Conv -> Relu or Clip, if any -> QuantizeLinear.
struct IntegerConvolution {
  graph::Node *node = nullptr, *input = nullptr, *weights = nullptr;  // the latter two dequantize
  graph::Node* activation = nullptr;                                  // null: none
  graph::Node* quantize = nullptr;                                    // null: the result is read as floats
  std::string values;                                                 // constant integers of the weights
  graph::Dims dims;                                                   // of the weights
  graph::DataType integers = graph::DataType::Uint8;                  // of the input
};

// nullopt when the node is no Conv, or when its input or its weights are no 8-bit integers.
std::optional<IntegerConvolution> asIntegerConvolution(const graph::Graph& graph, graph::Node& node);

// As it ran, and the form it ran in; nullopt when the shape of its input is not known.
std::optional<ConvolutionShape> shapeOf(const IntegerConvolution& convolution, const Subject& subject);
ConvolutionForm formOf(const IntegerConvolution& convolution);

// The DequantizeLinear that makes the convolution's weights; a copy of its own where others read it too, so that it can
// be changed for the convolution alone.
graph::Node* ownWeights(graph::Graph& graph, graph::Node& convolution, graph::Node& dequantize);

// 8-bit weights [outputs, ...] that are all zero: at the zero points that `dequantize` takes for the outputs, which are
// as many, or one for all. nullopt when these are no constants.
std::optional<graph::Tensor> zeroWeights(const graph::Graph& graph, const graph::Node& dequantize, graph::DataType type,
                                         graph::Dims dims);

}  // namespace ridgeline::advisor::quantization
