#include "plugins/cuda/driver/driver_library.h"

#include <dlfcn.h>

namespace ridgeline::cuda {
namespace {

std::string load(DriverLibrary& driver) {
  void* library = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return "there is no NVIDIA driver (libcuda.so.1); install it, or run where there is a GPU";
  const auto find = [library](const char* name, auto& function) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    return function != nullptr;
  };
  const bool whole = find("cuInit", driver.initialize) && find("cuGetErrorString", driver.errorString) &&
                     find("cuDeviceGetCount", driver.deviceCount) && find("cuDeviceGet", driver.device) &&
                     find("cuDeviceGetName", driver.deviceName) && find("cuDeviceTotalMem_v2", driver.deviceMemory) &&
                     find("cuDeviceGetAttribute", driver.deviceAttribute);
  if (!whole) return "the NVIDIA driver lacks functions of CUDA 12";
  driver.measures = find("cuDevicePrimaryCtxRetain", driver.retainContext) &&
                    find("cuDevicePrimaryCtxRelease_v2", driver.releaseContext) &&
                    find("cuCtxSetCurrent", driver.setContext) && find("cuCtxSynchronize", driver.synchronize) &&
                    find("cuModuleLoadDataEx", driver.loadModule) && find("cuModuleUnload", driver.unloadModule) &&
                    find("cuModuleGetFunction", driver.function) && find("cuLaunchKernel", driver.launch) &&
                    find("cuMemAlloc_v2", driver.allocate) && find("cuMemFree_v2", driver.release) &&
                    find("cuEventCreate", driver.createEvent) && find("cuEventDestroy_v2", driver.destroyEvent) &&
                    find("cuEventRecord", driver.recordEvent) && find("cuEventSynchronize", driver.waitForEvent) &&
                    find("cuEventElapsedTime", driver.elapsed);
  const auto started = driver.initialize(0);
  return started == CUDA_SUCCESS ? "" : "the NVIDIA driver does not start: " + driver.reason(started);
}

}  // namespace

std::string DriverLibrary::reason(CUresult result) const {
  const char* text = nullptr;
  errorString(result, &text);
  return text ? text : "error " + std::to_string(static_cast<int>(result));
}

const DriverLibrary* DriverLibrary::get(std::string& why) {
  static DriverLibrary driver;
  static const std::string trouble = load(driver);
  why = trouble;
  return trouble.empty() ? &driver : nullptr;
}

}  // namespace ridgeline::cuda
