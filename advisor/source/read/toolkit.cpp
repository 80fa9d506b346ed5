#include "advisor/source/read/toolkit.h"

#include "advisor/source/read/shim_text.h"

#include <cstdlib>
#include <string_view>

namespace ridgeline::source {
namespace {

namespace fs = std::filesystem;

bool isToolkit(const fs::path& folder) {
  std::error_code ec;
  return fs::exists(folder / "include" / "cuda_runtime.h", ec) && fs::exists(folder / "bin", ec);
}

std::optional<fs::path> besideNvcc() {
  const char* path = std::getenv("PATH");
  std::string rest = path ? path : "";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const fs::path folder = rest.substr(0, colon);
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
    std::error_code ec;
    if (!fs::exists(folder / "nvcc", ec)) continue;
    const auto real = fs::canonical(folder / "nvcc", ec);
    if (!ec && isToolkit(real.parent_path().parent_path())) return real.parent_path().parent_path();
  }
  return std::nullopt;
}

}  // namespace

std::optional<fs::path> findToolkit(const fs::path& wanted) {
  if (wanted == "none") return std::nullopt;
  if (!wanted.empty()) return isToolkit(wanted) ? std::optional(wanted) : std::nullopt;
  for (const char* name : {"CUDA_HOME", "CUDA_PATH"}) {
    const char* value = std::getenv(name);
    if (value && isToolkit(value)) return fs::path(value);
  }
  for (const char* usual : {"/usr/local/cuda", "/opt/cuda", "/usr/lib/cuda"}) {
    if (isToolkit(usual)) return fs::path(usual);
  }
  return besideNvcc();
}

const VirtualFiles& shimFiles() {
  static const VirtualFiles files = [] {
    const std::string folder = std::string(kShimFolder) + "/";
    VirtualFiles all;
    for (const auto& header : shimHeaders()) all.emplace_back(folder + header.name, header.text);
    for (const char* name : {"cuda_runtime.h",
                             "cuda_runtime_api.h",
                             "cuda.h",
                             "device_launch_parameters.h",
                             "math_constants.h",
                             "vector_types.h",
                             "vector_functions.h",
                             "cuda_pipeline.h",
                             "sm_20_intrinsics.h",
                             "sm_30_intrinsics.h",
                             "sm_35_intrinsics.h",
                             "device_functions.h",
                             "device_atomic_functions.h",
                             "builtin_types.h",
                             "driver_types.h",
                             "host_defines.h",
                             "math_functions.h",
                             "cuda_profiler_api.h",
                             "cuda_texture_types.h",
                             "texture_types.h",
                             "surface_types.h",
                             "device_types.h"}) {
      all.emplace_back(folder + name, "#include \"ridgeline_cuda.h\"\n");
    }
    for (const char* name : {"cuda_fp16.h", "cuda_bf16.h", "cooperative_groups.h", "cooperative_groups/reduce.h"}) {
      all.emplace_back(folder + name, "#include \"ridgeline_cuda_half.h\"\n");
    }
    return all;
  }();
  return files;
}

const VirtualFiles& toolkitPatches() {
  static const VirtualFiles files = [] {
    VirtualFiles all;
    for (const auto& header : shimHeaders()) {
      if (header.name != std::string_view("ridgeline_cuda_textures.h")) continue;
      all.emplace_back(std::string(kPatchFolder) + "/texture_fetch_functions.h", header.text);
    }
    return all;
  }();
  return files;
}

}  // namespace ridgeline::source
