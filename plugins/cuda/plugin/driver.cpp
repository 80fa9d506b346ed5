#include "plugins/cuda/plugin/driver.h"

#include "plugins/cuda/driver/driver_library.h"

namespace ridgeline::cuda {
namespace {

CudaDevice describe(const DriverLibrary& driver, int ordinal) {
  CudaDevice out;
  out.id = std::to_string(ordinal);
  CUdevice handle = 0;
  char name[256] = {};
  size_t bytes = 0;
  if (driver.device(&handle, ordinal) != CUDA_SUCCESS) return out;
  if (driver.deviceName(name, sizeof name - 1, handle) == CUDA_SUCCESS) out.name = name;
  if (driver.deviceMemory(&bytes, handle) == CUDA_SUCCESS) out.memoryBytes = static_cast<int64_t>(bytes);
  const auto number = [&](CUdevice_attribute what) {
    int value = 0;
    return driver.deviceAttribute(&value, what, handle) == CUDA_SUCCESS ? value : 0;
  };
  out.computeMajor = number(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
  out.computeMinor = number(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  out.multiprocessors = number(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  out.l2Bytes = number(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  return out;
}

}  // namespace

std::vector<CudaDevice> cudaDevices(std::string& why) {
  const auto* driver = DriverLibrary::get(why);
  if (!driver) return {};
  int count = 0;
  driver->deviceCount(&count);
  std::vector<CudaDevice> devices;
  for (int i = 0; i < count; ++i) devices.push_back(describe(*driver, i));
  if (devices.empty()) why = "the NVIDIA driver sees no GPU";
  return devices;
}

}  // namespace ridgeline::cuda
