#include "plugins/cuda/power/nvml_library.h"

#include <dlfcn.h>

namespace ridgeline::cuda {

const NvmlLibrary* NvmlLibrary::get() {
  static NvmlLibrary nvml;
  static const bool usable = [] {
    void* library = ::dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return false;
    const auto find = [library](const char* name, auto& function) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
      return function != nullptr;
    };
    return find("nvmlInit_v2", nvml.initialize) && find("nvmlDeviceGetHandleByPciBusId_v2", nvml.byBusId) &&
           find("nvmlDeviceGetPowerUsage", nvml.power) && find("nvmlDeviceGetTotalEnergyConsumption", nvml.energy) &&
           nvml.initialize() == 0;
  }();
  return usable ? &nvml : nullptr;
}

}  // namespace ridgeline::cuda
