#pragma once

#include "base/result.h"

#include <filesystem>

namespace ridgeline::engine {

// The shared library that holds the observing execution provider: where RIDGELINE_OBSERVER says, else beside the
// running program (its folder, or the library folder next to it), else where it was built. Unavailable when it is in
// none of them.
Result<std::filesystem::path> observerLibrary();

}  // namespace ridgeline::engine
