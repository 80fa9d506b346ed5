// Which kernel of a recording is the one that was counted in another run of the same program: that of the same name and
// shape before which as many of the same were launched.
#pragma once

#include "profile/ids.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace ridgeline::collector {

// Of one process.
class LaunchMatcher {
 public:
  using Shape = std::array<int64_t, 6>;  // grid, block

  // Every kernel of the recording, in the order of their launches.
  void recorded(const std::string& name, const Shape& shape, profile::SliceId slice);
  // Every kernel that was counted, in the order of their launches: which one it is in the recording. None when the
  // recording has fewer of them.
  std::optional<profile::SliceId> counted(const std::string& name, const Shape& shape);
  // Kernels of the recording that were not counted.
  int64_t left() const { return m_left; }

 private:
  struct Launches {
    std::vector<profile::SliceId> slices;
    size_t counted = 0;
  };
  static std::string keyOf(const std::string& name, const Shape& shape);
  std::unordered_map<std::string, Launches> m_launches;
  int64_t m_left = 0;
};

}  // namespace ridgeline::collector
