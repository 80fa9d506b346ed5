// Writes what an optimization ends with: a model file, and the engine's settings beside it.
#pragma once

#include "advisor/trial.h"
#include "engine/settings.h"
#include "graph/model.h"

#include <filesystem>
#include <vector>

namespace ridgeline::advisor {

// The rewritten model, which says in its metadata what was done to it. Settings it carries go into their own file.
Status writeRewritten(graph::Model& model, const std::vector<Trial>& trials, const std::filesystem::path& output);

// The file that came in, byte for byte, with these settings.
Status writeUntouched(const graph::Model& original, const engine::Settings& settings,
                      const std::filesystem::path& input, const std::filesystem::path& output);

}  // namespace ridgeline::advisor
