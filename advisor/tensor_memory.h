// Memory for a model's tensors while it runs, by its shapes.
#pragma once

#include "engine/tap.h"
#include "graph/model.h"

namespace ridgeline::advisor {

// The most bytes that are alive at once when nodes run in the file's order and a tensor lives from the node that makes
// it to its last reader; graph inputs and outputs live throughout. Weights, and what is
// computed of them alone, do not count. Modelled: the engine fuses
// nodes (less) and rounds up, reuses late and needs room inside kernels (more).
double peakTensorBytes(const graph::Model& model, const engine::ShapeMap& shapes);

}  // namespace ridgeline::advisor
