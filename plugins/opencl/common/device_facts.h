// What OpenCL says of its devices, the same in the plugin and in the layer, so that both mean the same device by one
// id: "PLATFORM.DEVICE", in the loader's order.
#pragma once

#include "plugins/opencl/common/cl_headers.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ridgeline::opencl {

struct DeviceFacts {
  cl_device_id handle = nullptr;
  std::string id, name, kind, vendor, driver, version, extensions;
  int64_t memoryBytes = 0, cacheBytes = 0, localBytes = 0, largestBuffer = 0;
  uint32_t computeUnits = 0, megahertz = 0, vectorWidth = 1;
  bool fma = false, fp64 = false, fp16 = false, available = true;
};

// The few functions this needs; both the loader's library and a layer's dispatch table have them.
struct DeviceQueries {
  cl_api_clGetPlatformIDs getPlatformIDs = nullptr;
  cl_api_clGetPlatformInfo getPlatformInfo = nullptr;
  cl_api_clGetDeviceIDs getDeviceIDs = nullptr;
  cl_api_clGetDeviceInfo getDeviceInfo = nullptr;
};

namespace detail {

// Only what can stand in any text: printable ASCII.
inline std::string cleaned(std::string text) {
  while (!text.empty() && (text.back() == 0 || text.back() == ' ')) text.pop_back();
  for (auto& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  }
  return text;
}

inline std::string deviceText(const DeviceQueries& cl, cl_device_id device, cl_device_info what) {
  size_t size = 0;
  if (cl.getDeviceInfo(device, what, 0, nullptr, &size) != CL_SUCCESS || size == 0) return {};
  std::string text(size, '\0');
  if (cl.getDeviceInfo(device, what, size, text.data(), nullptr) != CL_SUCCESS) return {};
  return cleaned(std::move(text));
}

template <class T>
T deviceNumber(const DeviceQueries& cl, cl_device_id device, cl_device_info what) {
  T value{};
  return cl.getDeviceInfo(device, what, sizeof value, &value, nullptr) == CL_SUCCESS ? value : T{};
}

inline std::string kindOf(cl_device_type type) {
  if (type & CL_DEVICE_TYPE_GPU) return "gpu";
  if (type & CL_DEVICE_TYPE_CPU) return "cpu";
  return "accelerator";
}

}  // namespace detail

inline DeviceFacts factsOf(const DeviceQueries& cl, cl_device_id device, std::string id) {
  using namespace detail;
  DeviceFacts f;
  f.handle = device;
  f.id = std::move(id);
  f.name = deviceText(cl, device, CL_DEVICE_NAME);
  f.vendor = deviceText(cl, device, CL_DEVICE_VENDOR);
  f.driver = deviceText(cl, device, CL_DRIVER_VERSION);
  f.version = deviceText(cl, device, CL_DEVICE_VERSION);
  f.extensions = " " + deviceText(cl, device, CL_DEVICE_EXTENSIONS) + " ";
  f.kind = kindOf(deviceNumber<cl_device_type>(cl, device, CL_DEVICE_TYPE));
  f.memoryBytes = static_cast<int64_t>(deviceNumber<cl_ulong>(cl, device, CL_DEVICE_GLOBAL_MEM_SIZE));
  f.cacheBytes = static_cast<int64_t>(deviceNumber<cl_ulong>(cl, device, CL_DEVICE_GLOBAL_MEM_CACHE_SIZE));
  f.localBytes = static_cast<int64_t>(deviceNumber<cl_ulong>(cl, device, CL_DEVICE_LOCAL_MEM_SIZE));
  f.largestBuffer = static_cast<int64_t>(deviceNumber<cl_ulong>(cl, device, CL_DEVICE_MAX_MEM_ALLOC_SIZE));
  f.computeUnits = deviceNumber<cl_uint>(cl, device, CL_DEVICE_MAX_COMPUTE_UNITS);
  f.megahertz = deviceNumber<cl_uint>(cl, device, CL_DEVICE_MAX_CLOCK_FREQUENCY);
  f.vectorWidth = deviceNumber<cl_uint>(cl, device, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT);
  f.fma = deviceNumber<cl_device_fp_config>(cl, device, CL_DEVICE_SINGLE_FP_CONFIG) & CL_FP_FMA;
  f.fp64 = f.extensions.find(" cl_khr_fp64 ") != std::string::npos;
  f.fp16 = f.extensions.find(" cl_khr_fp16 ") != std::string::npos;
  f.available = deviceNumber<cl_bool>(cl, device, CL_DEVICE_AVAILABLE) != CL_FALSE;
  return f;
}

// Every device of every platform. `why` says what went wrong when there is none.
inline std::vector<DeviceFacts> allDevices(const DeviceQueries& cl, std::string& why) {
  std::vector<DeviceFacts> devices;
  cl_uint count = 0;
  if (cl.getPlatformIDs(0, nullptr, &count) != CL_SUCCESS || count == 0) {
    why = "no OpenCL platform: no driver is installed (see /etc/OpenCL/vendors)";
    return devices;
  }
  std::vector<cl_platform_id> platforms(count);
  cl.getPlatformIDs(count, platforms.data(), nullptr);
  for (cl_uint p = 0; p < count; ++p) {
    cl_uint n = 0;
    if (cl.getDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, 0, nullptr, &n) != CL_SUCCESS || n == 0) continue;
    std::vector<cl_device_id> handles(n);
    cl.getDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, n, handles.data(), nullptr);
    for (cl_uint d = 0; d < n; ++d) {
      devices.push_back(factsOf(cl, handles[d], std::to_string(p) + "." + std::to_string(d)));
    }
  }
  if (devices.empty()) why = "the OpenCL platforms have no device";
  return devices;
}

}  // namespace ridgeline::opencl
