#include "plugins/cuda/plugin/driver.h"

#include "plugins/cuda/driver/driver_library.h"

namespace ridgeline::cuda {
namespace {

struct Fact {
  const char* key;
  CUdevice_attribute attribute;
  int64_t unit;  // of the attribute, in the key's
};
constexpr Fact kFacts[] = {
    {"multiprocessors", CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 1},
    {"clock_hz", CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 1000},
    {"memory_clock_hz", CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 1000},
    {"memory_bus_bits", CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 1},
    {"l2_bytes", CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 1},
    {"warp_size", CU_DEVICE_ATTRIBUTE_WARP_SIZE, 1},
    {"threads_per_multiprocessor", CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 1},
    {"blocks_per_multiprocessor", CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, 1},
    {"registers_per_multiprocessor", CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, 1},
    {"shared_bytes_per_multiprocessor", CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 1},
};

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
  if (out.memoryBytes > 0) out.facts.emplace_back("memory_bytes", out.memoryBytes);
  for (const auto& fact : kFacts) {
    if (const int value = number(fact.attribute); value > 0) out.facts.emplace_back(fact.key, value * fact.unit);
  }
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
