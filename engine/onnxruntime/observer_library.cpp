#include "engine/onnxruntime/observer_library.h"

#include <cstdlib>
#include <vector>

namespace ridgeline::engine {
namespace fs = std::filesystem;

Result<fs::path> observerLibrary() {
  std::error_code ec;
  if (const char* named = std::getenv("RIDGELINE_OBSERVER"); named && *named) {
    if (fs::is_regular_file(named, ec)) return fs::absolute(named);
    return unavailable(fmt::format("{}: no such file, and RIDGELINE_OBSERVER names it", named), "unset or correct it");
  }
  const fs::path name = "libridgeline_observer.so";
  const fs::path programs = fs::read_symlink("/proc/self/exe", ec).parent_path();
  std::vector<fs::path> candidates;
  if (!programs.empty()) {
    candidates = {programs / ".." / "lib" / name, programs / ".." / RIDGELINE_LIBDIR / name, programs / name};
  }
  candidates.emplace_back(RIDGELINE_OBSERVER_BUILT);
  for (const auto& candidate : candidates) {
    if (fs::is_regular_file(candidate, ec)) return fs::weakly_canonical(candidate);
  }
  return unavailable(fmt::format("{} was not found near {}", name.string(), programs.string()),
                     "reinstall, or name it with RIDGELINE_OBSERVER");
}

}  // namespace ridgeline::engine
