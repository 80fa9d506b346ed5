#include "plugins/cuda/plugin/driver.h"

#include <dlfcn.h>

namespace ridgeline::cuda {
namespace {

struct Driver {
  decltype(&cuInit) init = nullptr;
  decltype(&cuGetErrorString) errorString = nullptr;
  decltype(&cuDeviceGetCount) count = nullptr;
  decltype(&cuDeviceGet) device = nullptr;
  decltype(&cuDeviceGetName) name = nullptr;
  CUresult(CUDAAPI* memory)(size_t*, CUdevice) = nullptr;
  decltype(&cuDeviceGetAttribute) attribute = nullptr;
};

bool load(Driver& driver, std::string& why) {
  void* library = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    why = "there is no NVIDIA driver (libcuda.so.1); install it, or run where there is a GPU";
    return false;
  }
  const auto find = [library](const char* name, auto& function) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    return function != nullptr;
  };
  const bool whole = find("cuInit", driver.init) && find("cuGetErrorString", driver.errorString) &&
                     find("cuDeviceGetCount", driver.count) && find("cuDeviceGet", driver.device) &&
                     find("cuDeviceGetName", driver.name) && find("cuDeviceTotalMem_v2", driver.memory) &&
                     find("cuDeviceGetAttribute", driver.attribute);
  if (!whole) why = "the NVIDIA driver lacks functions of CUDA 12";
  return whole;
}

CudaDevice describe(const Driver& driver, int ordinal) {
  CudaDevice out;
  out.id = std::to_string(ordinal);
  CUdevice handle = 0;
  char name[256] = {};
  size_t bytes = 0;
  if (driver.device(&handle, ordinal) != CUDA_SUCCESS) return out;
  if (driver.name(name, sizeof name - 1, handle) == CUDA_SUCCESS) out.name = name;
  if (driver.memory(&bytes, handle) == CUDA_SUCCESS) out.memoryBytes = static_cast<int64_t>(bytes);
  const auto number = [&](CUdevice_attribute what) {
    int value = 0;
    return driver.attribute(&value, what, handle) == CUDA_SUCCESS ? value : 0;
  };
  out.computeMajor = number(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
  out.computeMinor = number(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  out.multiprocessors = number(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  out.l2Bytes = number(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  return out;
}

}  // namespace

std::vector<CudaDevice> cudaDevices(std::string& why) {
  static Driver driver;
  static std::string trouble;
  static const bool loaded = load(driver, trouble);
  why = trouble;
  if (!loaded) return {};
  if (const CUresult result = driver.init(0); result != CUDA_SUCCESS) {
    const char* text = nullptr;
    driver.errorString(result, &text);
    why = std::string("the NVIDIA driver does not start: ") + (text ? text : "unknown error");
    return {};
  }
  int count = 0;
  driver.count(&count);
  std::vector<CudaDevice> devices;
  for (int i = 0; i < count; ++i) devices.push_back(describe(driver, i));
  if (devices.empty()) why = "the NVIDIA driver sees no GPU";
  return devices;
}

}  // namespace ridgeline::cuda
