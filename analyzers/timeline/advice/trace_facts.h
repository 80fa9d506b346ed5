// What the rules look at: one device of a recording.
#pragma once

#include "analyzers/timeline/scene.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::analyzers {

// Copies of one direction.
struct CopySum {
  profile::CopyDirection direction = profile::CopyDirection::Unknown;
  std::optional<bool> pinned;
  int64_t count = 0;
  double ns = 0, bytes = 0;
};

struct TraceFacts {
  const Scene& scene;
  std::string device;
  double capability = 0;  // 8.0; where it is not recorded, what names of kernels tell; 0: not known
  bool capabilityByName = false;
  int64_t multiprocessors = 0;  // 0: not known
  profile::DeviceUse use;
  std::vector<uint32_t> work;                // by start
  std::vector<profile::KernelGroup> groups;  // most time first
  std::vector<CopySum> copies;
  // Bytes from host to device, of each step that has any.
  std::vector<double> uploadedPerStep;
  int64_t steps = 0;
  double stepNs = 0;  // median; the whole span where there are no steps

  std::string_view nameOf(const profile::KernelGroup& group) const;
  double kernelNs() const;
  // Idle until a launch that came late by little: what launching costs, no other work of the host.
  struct LaunchGaps {
    int64_t count = 0;
    double ns = 0;
  };
  LaunchGaps launchGaps() const;
  // Time of the whole recording as a part of a step.
  double perStep(double ns) const;
};

// A device without work has no facts.
Result<std::vector<TraceFacts>> factsOf(const profile::Profile& profile, const Scene& scene);

}  // namespace ridgeline::analyzers
