// The operator set that integer convolutions need.
#pragma once

#include "graph/graph.h"

namespace ridgeline::advisor::quantization {

// The engine's QLinearConv is known from opset 10 of ONNX's own domain; for a convolution with a bias the engine writes
// a Round around it, which is known from 11.
bool mayConvolveIntegers(const graph::Model& model);    // the model has that opset, or can be raised to it
void raiseForIntegerConvolutions(graph::Graph& graph);  // if mayConvolveIntegers()

}  // namespace ridgeline::advisor::quantization
