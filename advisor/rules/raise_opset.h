// Raising a model to a later version of ONNX's own operator set, for a rewrite that uses an operator of that version.
// What the operators at hand compute stays the same: where ONNX's change log has a new meaning or a new spelling for
// one of them, the node is respelled, or the model is left as it is.
#pragma once

#include "advisor/rules/symbolic_shapes.h"
#include "graph/graph.h"

#include <string>

namespace ridgeline::advisor {

// The engine's QLinearConv is known from opset 10; for a convolution with a bias the engine writes a Round around it,
// which is known from 11.
constexpr int64_t kIntegerConvolutionOpset = 11;
// Attention as ONNX itself has it.
constexpr int64_t kAttentionOpset = 23;

// What stands in the way of raising the model to at least `opset`: "Loop holds a graph of its own"; empty when nothing
// does. `newest` is what the user allows. Without shapes a Softmax from before opset 13 may stand in the way that does
// not with them.
std::string whyNotRaised(const graph::Graph& graph, int64_t opset, int64_t newest,
                         const SymbolicShapes* shapes = nullptr);
void raiseOpset(graph::Graph& graph, int64_t opset);  // if nothing does

}  // namespace ridgeline::advisor
