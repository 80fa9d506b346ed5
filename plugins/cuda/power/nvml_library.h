// NVML, found at run time: what a GPU draws. Declared here because its header is not in every toolkit; the functions
// and their units are those of NVML's API reference, unchanged since version 2 of the library.
#pragma once

#include <string>

namespace ridgeline::cuda {

struct NvmlLibrary {
  using Device = struct NvmlDevice*;
  int (*initialize)() = nullptr;
  int (*byBusId)(const char* id, Device* device) = nullptr;
  int (*power)(Device device, unsigned int* milliwatts) = nullptr;
  int (*energy)(Device device, unsigned long long* millijoules) = nullptr;  // since the driver was loaded

  // The one of this process, ready to be asked; null when there is none.
  static const NvmlLibrary* get();
};

}  // namespace ridgeline::cuda
