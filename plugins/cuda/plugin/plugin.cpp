// The CUDA plugin: GPUs as the driver sees them, and the library that traces a program. Loads with and without a
// driver.
#include "plugins/cuda/plugin/driver.h"
#include "plugins/sdk/ridgeline_plugin.hpp"

#include <fmt/format.h>

#include <array>

namespace {

using namespace ridgeline::cuda;
using namespace ridgeline::plugin;

struct OptionRow {
  const char *name, *value, *description;
  const char* variable;  // by which the traced process learns of it
};
constexpr OptionRow kOptions[] = {
    {"nvtx", "1", "Record NVTX ranges (0 or 1)", "RIDGELINE_CUDA_NVTX"},
    {"driver", "1", "Record calls of the driver API (0 or 1)", "RIDGELINE_CUDA_DRIVER"},
    {"graph", "node", "Record CUDA graphs by node, or as a whole, which costs less (node or graph)",
     "RIDGELINE_CUDA_GRAPH"},
    {"cupti", "", "Where CUPTI is: a folder, or libcupti.so itself", "RIDGELINE_CUDA_CUPTI"}};
constexpr size_t kOptionCount = std::size(kOptions);

const RidgelineInfo* describe() {
  static const auto rows = [] {
    std::array<RidgelineOption, kOptionCount> all{};
    for (size_t i = 0; i < kOptionCount; ++i) {
      all[i] = {sizeof(RidgelineOption), kOptions[i].name, kOptions[i].value, kOptions[i].description};
    }
    return all;
  }();
  static const auto pointers = [] {
    std::array<const RidgelineOption*, kOptionCount> all{};
    for (size_t i = 0; i < kOptionCount; ++i) all[i] = &rows[i];
    return all;
  }();
  static const RidgelineInfo info = [] {
    auto i = RIDGELINE_INIT(RidgelineInfo);
    i.name = "cuda";
    i.version = "1.0.0";
    i.vendor = "Ridgeline";
    i.description = "NVIDIA GPUs: kernels, copies, calls and ranges of any CUDA program";
    i.options = pointers.data();
    i.option_count = kOptionCount;
    return i;
  }();
  return &info;
}

RidgelineStatus devices(void (*emit)(void*, const RidgelineDevice*), void* context) {
  return guarded([&]() -> RidgelineStatus {
    std::string why;
    const auto found = cudaDevices(why);
    if (found.empty()) return fail(RIDGELINE_UNAVAILABLE, why);
    for (const auto& gpu : found) {
      const auto properties = fmt::format(R"({{"compute_capability": "{}.{}", "multiprocessors": {}, "l2_bytes": {}}})",
                                          gpu.computeMajor, gpu.computeMinor, gpu.multiprocessors, gpu.l2Bytes);
      auto device = RIDGELINE_INIT(RidgelineDevice);
      device.id = gpu.id.c_str();
      device.name = gpu.name.empty() ? "CUDA device" : gpu.name.c_str();
      device.kind = "gpu";
      device.vendor = "NVIDIA";
      device.properties = properties.c_str();
      device.memory_bytes = gpu.memoryBytes;
      emit(context, &device);
    }
    return RIDGELINE_OK;
  });
}

RidgelineStatus injection(const RidgelineInjection* request, void (*emit)(void*, const RidgelineVariable*),
                          void* context) {
  return guarded([&]() -> RidgelineStatus {
    if (request->counter_count > 0) {
      return fail(RIDGELINE_INVALID, fmt::format("CUDA has no counter {}", request->counters[0]));
    }
    const auto library = libraryBeside(reinterpret_cast<const void*>(&describe), "libridgeline_cuda_trace.so");
    if (library.empty())
      return fail(RIDGELINE_UNAVAILABLE, "libridgeline_cuda_trace.so is missing; reinstall Ridgeline");
    auto variable = RIDGELINE_INIT(RidgelineVariable);
    variable.name = "CUDA_INJECTION64_PATH";
    variable.value = library.c_str();
    emit(context, &variable);
    for (const auto& option : kOptions) {
      variable.name = option.variable;
      variable.value = host->option(host->context, option.name);
      if (variable.value) emit(context, &variable);
    }
    return RIDGELINE_OK;
  });
}

void closePlugin() { host = nullptr; }

}  // namespace

const RidgelinePlugin* ridgeline_plugin_open(uint32_t hostAbi, const RidgelineHost* host) {
  static const RidgelinePlugin plugin = [] {
    auto p = RIDGELINE_INIT(RidgelinePlugin);
    p.abi = RIDGELINE_PLUGIN_ABI;
    p.describe = describe;
    p.devices = devices;
    p.injection = injection;
    p.close = closePlugin;
    return p;
  }();
  if (hostAbi < RIDGELINE_PLUGIN_ABI) return nullptr;
  ridgeline::plugin::host = host;
  return &plugin;
}
