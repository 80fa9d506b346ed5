// How the engine is told to run a model: what can be chosen beside the model itself. Kept in a small JSON file beside
// the model ("fast.onnx" has "fast.engine.json"), since an ONNX file has no place for it that programs read.
#pragma once

#include "base/result.h"
#include "graph/model.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace ridgeline::engine {

// What is absent is left to the engine.
struct Settings {
  std::optional<int> threads;         // that share the work of one operator
  std::optional<bool> spinning;       // idle workers wait busily for the next operator
  std::optional<bool> parallel;       // operators that do not depend on each other run side by side
  std::optional<bool> arena;          // freed memory is kept for the next run
  std::optional<bool> memoryPattern;  // one block for a run's tensors, planned from an earlier run of these shapes
  std::optional<bool> prepacking;     // weights are copied at load into the order that the kernels read

  bool operator==(const Settings&) const = default;
  bool empty() const { return *this == Settings{}; }
};

// "1 thread, no spinning"; empty for the defaults.
std::string describe(const Settings& settings);

std::string toJson(const Settings& settings);
// BadInput names `where`, the key and what it may hold. Keys that are not known are refused: a misspelt setting that is
// ignored would go unnoticed.
Result<Settings> parseSettings(std::string_view json, std::string_view where);

// "dir/fast.onnx" -> "dir/fast.engine.json"
std::filesystem::path settingsPathOf(const std::filesystem::path& model);
// Those of the file `named`, which must exist; without a name, of the file beside the model; defaults where there is
// none. Threads that the user asked for (not 0) win over the file's.
Result<Settings> settingsFor(const std::filesystem::path& model, const std::filesystem::path& named, int threads = 0);

// A rewritten model on its way through the advisor carries its settings with it; files do not.
Settings settingsIn(const graph::Model& model);
void keepSettings(graph::Model& model, const Settings& settings);

}  // namespace ridgeline::engine
