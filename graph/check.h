// What must hold for a model before anything works on it.
#pragma once

#include "base/result.h"

#include <onnx/onnx.pb.h>

#include <filesystem>

namespace ridgeline::graph {

// BadInput, saying what and where, unless the model has versions and a graph; the main graph and those inside it define
// each name once, read only what is defined, and have no cycle; and every weight is there in full.
Status checkModel(const onnx::ModelProto& model, const std::filesystem::path& folder);

}  // namespace ridgeline::graph
