// Which GPUs the driver has.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ridgeline::cuda {

struct CudaDevice {
  std::string id, name;
  int64_t memoryBytes = 0;
  int computeMajor = 0, computeMinor = 0;
  std::vector<std::pair<const char*, int64_t>> facts;  // those that the driver knows, by the keys of Device::properties
};

// Empty, with the reason in `why`, when there is none.
std::vector<CudaDevice> cudaDevices(std::string& why);

}  // namespace ridgeline::cuda
