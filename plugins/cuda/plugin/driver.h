// Which GPUs the driver has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ridgeline::cuda {

struct CudaDevice {
  std::string id, name;
  int64_t memoryBytes = 0;
  int computeMajor = 0, computeMinor = 0, multiprocessors = 0, l2Bytes = 0;
};

// Empty, with the reason in `why`, when there is none.
std::vector<CudaDevice> cudaDevices(std::string& why);

}  // namespace ridgeline::cuda
