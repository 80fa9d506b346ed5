// Values of a model's inner tensors when it runs: shapes for the work model, ranges for calibration.
#pragma once

#include "engine/session.h"

#include <functional>
#include <span>
#include <string>
#include <unordered_map>

namespace ridgeline::engine {

struct TensorFacts {
  graph::DataType type = graph::DataType::Undefined;
  graph::Dims dims;
};
using ShapeMap = std::unordered_map<std::string, TensorFacts>;

// Runs the model once as the file states it (no engine optimization) and reports the concrete type and shape of every
// tensor of the main graph: inputs, initializers, and everything nodes make. Tensors whose node did not run are left
// out.
Result<ShapeMap> probeShapes(const graph::Model& model, const NamedTensors& inputs, int threads);

// Calls `see(name, value)` with the value of each wanted tensor, for each sample. The reference is valid during the
// call.
Status tapTensors(const graph::Model& model, std::span<const NamedTensors> samples, std::span<const std::string> wanted,
                  int threads, const std::function<void(const std::string&, const graph::Tensor&)>& see);

}  // namespace ridgeline::engine
