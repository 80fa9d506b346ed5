// A device's ceilings, measured by kernels and timed by the device.
#pragma once

#include "plugins/opencl/plugin/opencl_library.h"

#include <functional>
#include <string>
#include <vector>

namespace ridgeline::opencl {

struct MeasuredRoof {
  bool compute = false;
  std::string dtype, level, pattern;
  double value = 0;   // FLOP/s or B/s
  double spread = 0;  // (best - worst) / best of the best quarter
  std::string how;
};

// Empty, with the reason in `why`, when the device cannot run the kernels, or `stopped` says so.
std::vector<MeasuredRoof> measureRoofs(const OpenClLibrary& cl, const DeviceFacts& device,
                                       const std::function<bool()>& stopped, std::string& why);

}  // namespace ridgeline::opencl
