// The operator set that integer convolutions need.
#pragma once

#include "graph/model.h"

namespace ridgeline::advisor::quantization {

// The engine's QLinearConv is known from opset 10 of ONNX's own domain.
bool mayConvolveIntegers(const graph::Model& model);    // the model has it, or can be raised to it
void raiseForIntegerConvolutions(graph::Model& model);  // if mayConvolveIntegers()

}  // namespace ridgeline::advisor::quantization
