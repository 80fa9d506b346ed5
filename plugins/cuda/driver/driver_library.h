// NVIDIA's driver, found at run time. Where a function has versions, the one that CUDA 12's headers mean.
#pragma once

#include <cuda.h>

#include <string>

namespace ridgeline::cuda {

struct DriverLibrary {
  decltype(&cuInit) initialize = nullptr;
  decltype(&cuGetErrorString) errorString = nullptr;
  decltype(&cuDeviceGetCount) deviceCount = nullptr;
  decltype(&cuDeviceGet) device = nullptr;
  decltype(&cuDeviceGetName) deviceName = nullptr;
  CUresult(CUDAAPI* deviceMemory)(size_t* bytes, CUdevice device) = nullptr;
  decltype(&cuDeviceGetAttribute) deviceAttribute = nullptr;
  // What only measuring needs; null in a driver that lacks one of them.
  decltype(&cuDevicePrimaryCtxRetain) retainContext = nullptr;
  CUresult(CUDAAPI* releaseContext)(CUdevice device) = nullptr;
  decltype(&cuCtxSetCurrent) setContext = nullptr;
  decltype(&cuCtxSynchronize) synchronize = nullptr;
  decltype(&cuModuleLoadDataEx) loadModule = nullptr;
  decltype(&cuModuleUnload) unloadModule = nullptr;
  decltype(&cuModuleGetFunction) function = nullptr;
  decltype(&cuLaunchKernel) launch = nullptr;
  CUresult(CUDAAPI* allocate)(CUdeviceptr* memory, size_t bytes) = nullptr;
  CUresult(CUDAAPI* release)(CUdeviceptr memory) = nullptr;
  decltype(&cuEventCreate) createEvent = nullptr;
  CUresult(CUDAAPI* destroyEvent)(CUevent event) = nullptr;
  decltype(&cuEventRecord) recordEvent = nullptr;
  decltype(&cuEventSynchronize) waitForEvent = nullptr;
  CUresult(CUDAAPI* elapsed)(float* ms, CUevent from, CUevent to) = nullptr;
  bool measures = false;  // all of them are there

  std::string reason(CUresult result) const;

  // The one of this process, started; null with the reason in `why`.
  static const DriverLibrary* get(std::string& why);
};

}  // namespace ridgeline::cuda
