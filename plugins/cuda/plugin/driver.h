// NVIDIA's driver, found at run time, as far as it says what devices there are.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ridgeline::cuda {

struct CudaDevice {
  std::string id, name;
  int64_t memoryBytes = 0;
  int computeMajor = 0, computeMinor = 0, multiprocessors = 0, l2Bytes = 0;
};

// Empty, with the reason in `why` and what would help in `remedy`, when there is none. Looks once a process.
std::vector<CudaDevice> cudaDevices(std::string& why);

}  // namespace ridgeline::cuda
