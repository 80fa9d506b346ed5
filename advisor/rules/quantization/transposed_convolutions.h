// Transposed convolutions, for which the engine has no integer kernel, as plain ones with the blocks of pixels that
// they make unfolded behind them.
//
// The blocks are moved with the channels last, as the integer convolutions have them: the Transposes around the moves
// meet the engine's own and go, and what is left copies runs of bytes.
#pragma once

#include "advisor/rule.h"
#include "advisor/rules/layout/unfolded_convolution.h"
#include "advisor/rules/quantization/forms.h"

#include <string>
#include <vector>

namespace ridgeline::advisor::quantization {

struct TransposedConvolution {
  graph::Node* node = nullptr;
  std::string weight, bias;  // constants, behind an Identity of them; no bias: empty
  int64_t outputs = 0;       // channels of the output
  TransposedGeometry geometry;
  UnfoldedConvolution unfolded;
  std::vector<int64_t> blockRows, image;  // what the two Reshapes ask for
};

std::vector<TransposedConvolution> allTransposedConvolutions(const graph::Graph& graph, const std::string& rule,
                                                             std::vector<NearMiss>* nearMisses);

// Puts the plain convolution and the moves in its place, in float32, and returns the convolution. What the engine fuses
// into a convolution stays right behind it. Null when the weights cannot be read.
graph::Node* writeUnfolded(graph::Graph& graph, const TransposedConvolution& transposed);

// The form of one that ran in this shape: it itself in float32, or the plain one in integers with the moves.
KernelForm transposedConvolution(const ConvolutionShape& shape, const TransposedConvolution& transposed,
                                 ConvolutionForm form);

}  // namespace ridgeline::advisor::quantization
