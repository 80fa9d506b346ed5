// What a recording of an accelerator adds: kernels by name, and how devices spent their time.
#pragma once

#include "base/result.h"
#include "profile/profile.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ridgeline::gui {

// Launches of one kernel in one shape on one device; the row of kernel_group with its names.
struct KernelGroup {
  int64_t id = 0;
  std::string name;
  std::string device;
  std::string op;           // that launched it most of the time
  std::string grid, block;  // "8x8x1"; empty when not known
  bool communication = false;
  int64_t calls = 0;
  double timeMs = 0;  // of all calls
  double share = 0;   // of the time of all kernels
  double minMs = 0, medianMs = 0, maxMs = 0;
  profile::Bound bound = profile::Bound::Unknown;
  std::string level;
  std::optional<double> flops, bytes, roofMs, headroomMs;  // of all calls
};

// A device from its first work to its last.
struct DeviceTime {
  std::string name;
  double totalMs = 0, busyMs = 0, computeMs = 0, communicationMs = 0, copyMs = 0, copyOverlapMs = 0;
  int64_t kernels = 0;
  struct Idle {
    std::string reason;  // "host", "sync", "queued", "unknown"
    double ms = 0;
    int64_t count = 0;
  };
  std::vector<Idle> idle;  // longest first
};

// Most time first.
Result<std::vector<KernelGroup>> loadKernelGroups(const profile::Profile& profile);
Result<std::vector<DeviceTime>> loadDeviceTimes(const profile::Profile& profile);

}  // namespace ridgeline::gui
