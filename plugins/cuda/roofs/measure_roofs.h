// What a GPU can do at most: bandwidth by kernels of ours, arithmetic by kernels and by matrix products.
#pragma once

#include "plugins/cuda/driver/driver_library.h"

#include <functional>
#include <string>
#include <vector>

namespace ridgeline::cuda {

struct MeasuredRoof {
  bool compute = false;  // else bandwidth
  std::string dtype, level, pattern;
  double value = 0;  // operations/s or bytes/s
  double spread = 0;
  std::string how;
};

// Seconds. Empty when nothing could be measured; `why` says what could not, and may also when something was.
std::vector<MeasuredRoof> measureRoofs(const DriverLibrary& driver, int device, const std::function<bool()>& stopped,
                                       std::string& why);

}  // namespace ridgeline::cuda
