// Where the data sets are that are not part of the source tree.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace ridgeline::graph::test {

// Empty when they are not on this machine.
inline std::filesystem::path sharedModels() {
  const char* set = std::getenv("RIDGELINE_SHARED_DATA");
  const auto data = set ? std::filesystem::path(set)
                        : std::filesystem::path(RIDGELINE_TEST_DATA) / ".." / ".." / ".." / "shared" / "data";
  const auto models = (data / "models").lexically_normal();
  return std::filesystem::is_directory(models) ? models : std::filesystem::path();
}

}  // namespace ridgeline::graph::test
