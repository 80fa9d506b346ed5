// Our options as the engine's.
#pragma once

#include "base/files.h"
#include "engine/onnxruntime/api.h"
#include "engine/session.h"

#include <filesystem>
#include <optional>

namespace ridgeline::engine {

// Throws what ONNX Runtime throws: call it guarded.
Ort::SessionOptions toOrt(const SessionOptions& options);

// Makes the engine write the graph it will run to `path`, which is in a folder of ours. Weights of a kilobyte and more,
// which may be gigabytes, are written nowhere: the file beside it that they go to is a link to /dev/null.
Status writeOptimizedModel(Ort::SessionOptions& options, const std::filesystem::path& path);

// Loads the model: from memory where one message can hold it, else by way of a file in `folder`, which is made when
// needed.
Result<Ort::Session> load(Ort::Env& env, const graph::Model& model, Ort::SessionOptions& options,
                          std::optional<TemporaryFolder>& folder);
Result<Ort::Session> load(Ort::Env& env, const std::filesystem::path& file, Ort::SessionOptions& options);

// Threads of the engine's intra-op pool. When nobody says, one for each physical core.
int threadsOf(const SessionOptions& options);

}  // namespace ridgeline::engine
