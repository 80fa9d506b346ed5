// What control groups (v1 and v2) leave this process of the machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace ridgeline::cpu {

struct CgroupLimits {
  std::optional<double> processors;    // CPU bandwidth quota in processors: quota / period
  std::optional<int64_t> memoryBytes;  // the tightest memory limit
};

// Looks at every group from this process's up to the mounted root, under `root` ("/" but in tests).
CgroupLimits readCgroupLimits(const std::filesystem::path& root);

}  // namespace ridgeline::cpu
