#include "plugins/cuda/trace/process_driver.h"

#include <dlfcn.h>

namespace ridgeline::cuda {

const ProcessDriver& ProcessDriver::get() {
  static const ProcessDriver driver = [] {
    ProcessDriver d;
    void* library = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    if (!library) return d;
    const auto find = [library](const char* name, auto& function) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    };
    find("cuCtxGetDevice", d.contextDevice);
    find("cuDeviceGetName", d.deviceName);
    find("cuDeviceGetPCIBusId", d.busId);
    return d;
  }();
  return driver;
}

int ProcessDriver::currentDevice() const {
  CUdevice device = 0;
  return contextDevice && contextDevice(&device) == CUDA_SUCCESS ? device : -1;
}

std::string ProcessDriver::nameOf(int device) const {
  char text[256] = {};
  return deviceName && deviceName(text, sizeof text - 1, device) == CUDA_SUCCESS ? text : "";
}

std::string ProcessDriver::busIdOf(int device) const {
  char text[32] = {};
  return busId && busId(text, sizeof text - 1, device) == CUDA_SUCCESS ? text : "";
}

}  // namespace ridgeline::cuda
