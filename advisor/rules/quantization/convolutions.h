// Convolutions whose weights can be quantized.
#pragma once

#include "advisor/rule.h"
#include "advisor/rules/quantization/forms.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor::quantization {

struct Convolution {
  graph::Node* node = nullptr;
  std::string weight, bias;  // constants, behind an Identity of them; no bias: empty
  int64_t channels = 0;      // of the output
};

// nullopt when the node is none; `why` is told what stood in the way of a Conv.
std::optional<Convolution> asConvolution(const graph::Graph& graph, graph::Node& node, std::string* why = nullptr);

std::vector<Convolution> allConvolutions(const graph::Graph& graph, const std::string& rule,
                                         std::vector<NearMiss>* nearMisses);

// The activation that the engine puts into a convolution, where it is all that reads its result; else null.
graph::Node* activationBehind(const graph::Graph& graph, const graph::Node& convolution);

// Of a node that convolves with these weights; nullopt when the shape of its input is not known.
std::optional<ConvolutionShape> shapeOf(const graph::Graph& graph, const graph::Node& node, const std::string& weights,
                                        const Subject& subject);

}  // namespace ridgeline::advisor::quantization
