// The CUDA toolkit, where there is one; and what stands in for its headers where there is none.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ridgeline::source {

// `wanted` as in Options::cudaPath. Looks at $CUDA_HOME, $CUDA_PATH, the usual folders, and where nvcc is.
std::optional<std::filesystem::path> findToolkit(const std::filesystem::path& wanted);

// Files that exist only in memory, by absolute path.
using VirtualFiles = std::vector<std::pair<std::string, std::string>>;

// Headers under the names that CUDA code includes, declaring the language and the common part of the runtime API.
// With them kernels and launches parse, and compile to PTX, with no toolkit.
const VirtualFiles& shimFiles();
// Headers under the names of those that Clang still includes and newer toolkits no longer have.
const VirtualFiles& toolkitPatches();

inline constexpr const char* kShimFolder = "/ridgeline-virtual/cuda";
inline constexpr const char* kPatchFolder = "/ridgeline-virtual/toolkit";

}  // namespace ridgeline::source
