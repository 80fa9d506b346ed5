// The OpenCL plugin: every device of every driver, their roofs, and the layer that traces a program.
#include "plugins/opencl/plugin/roofs.h"
#include "plugins/sdk/ridgeline_plugin.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace {

using namespace ridgeline::opencl;
using namespace ridgeline::plugin;

// For between quotation marks in JSON; what comes here is printable ASCII already.
std::string quoted(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '"' || c == '\\'; }, '\'');
  return text;
}

RidgelineStatus findDevice(const char* id, DeviceFacts& found, const OpenClLibrary*& cl) {
  std::string why;
  cl = OpenClLibrary::get(why);
  if (!cl) return fail(RIDGELINE_UNAVAILABLE, why);
  for (auto& device : allDevices(cl->queries, why)) {
    if (!id || device.id != id) continue;
    found = std::move(device);
    return RIDGELINE_OK;
  }
  return fail(RIDGELINE_INVALID, fmt::format("there is no OpenCL device {}", id ? id : "(null)"));
}

const RidgelineInfo* describe() {
  static const RidgelineInfo info = [] {
    auto i = RIDGELINE_INIT(RidgelineInfo);
    i.name = "opencl";
    i.version = "1.0.0";
    i.vendor = "Ridgeline";
    i.description = "OpenCL devices: their roofs, and the kernels and copies of any program";
    return i;
  }();
  return &info;
}

RidgelineStatus devices(void (*emit)(void*, const RidgelineDevice*), void* context) {
  return guarded([&]() -> RidgelineStatus {
    std::string why;
    const auto* cl = OpenClLibrary::get(why);
    if (!cl) return fail(RIDGELINE_UNAVAILABLE, why);
    const auto all = allDevices(cl->queries, why);
    if (all.empty()) return fail(RIDGELINE_UNAVAILABLE, why);
    for (const auto& facts : all) {
      const auto properties =
          fmt::format(R"({{"compute_units": {}, "max_mhz": {}, "driver": "{}", "version": "{}"}})", facts.computeUnits,
                      facts.megahertz, quoted(facts.driver), quoted(facts.version));
      auto device = RIDGELINE_INIT(RidgelineDevice);
      device.id = facts.id.c_str();
      device.name = facts.name.c_str();
      device.kind = facts.kind.c_str();
      device.vendor = facts.vendor.c_str();
      device.properties = properties.c_str();
      device.memory_bytes = facts.memoryBytes;
      if (!facts.available) device.unavailable = "its driver says that it is not available";
      emit(context, &device);
    }
    return RIDGELINE_OK;
  });
}

RidgelineStatus roofs(const char* id, int32_t, void (*emit)(void*, const RidgelineRoof*), void* context) {
  return guarded([&]() -> RidgelineStatus {
    DeviceFacts device;
    const OpenClLibrary* cl = nullptr;
    if (const auto status = findDevice(id, device, cl); status != RIDGELINE_OK) return status;
    const auto stopped = [] { return host->stop_requested(host->context) != 0; };
    std::string why;
    const auto measured = measureRoofs(*cl, device, stopped, why);
    if (stopped()) return RIDGELINE_STOPPED;
    if (measured.empty()) return fail(RIDGELINE_UNAVAILABLE, why.empty() ? "its kernels cannot be timed" : why);
    for (const auto& m : measured) {
      auto roof = RIDGELINE_INIT(RidgelineRoof);
      roof.kind = m.compute ? RIDGELINE_COMPUTE : RIDGELINE_BANDWIDTH;
      roof.dtype = m.compute ? m.dtype.c_str() : nullptr;
      roof.level = m.compute ? nullptr : m.level.c_str();
      roof.pattern = m.compute ? nullptr : m.pattern.c_str();
      roof.value = m.value;
      roof.spread = m.spread;
      roof.how = m.how.c_str();
      emit(context, &roof);
    }
    return RIDGELINE_OK;
  });
}

RidgelineStatus injection(const RidgelineInjection* request, void (*emit)(void*, const RidgelineVariable*),
                          void* context) {
  return guarded([&]() -> RidgelineStatus {
    if (request->counter_count > 0) {
      return fail(RIDGELINE_INVALID, fmt::format("OpenCL has no counter {}", request->counters[0]));
    }
    const auto layer = libraryBeside(reinterpret_cast<const void*>(&describe), "libridgeline_opencl_layer.so");
    if (layer.empty())
      return fail(RIDGELINE_UNAVAILABLE, "libridgeline_opencl_layer.so is missing; reinstall Ridgeline");
    auto variable = RIDGELINE_INIT(RidgelineVariable);
    variable.name = "OPENCL_LAYERS";
    variable.value = layer.c_str();
    variable.how = RIDGELINE_PREPEND;
    emit(context, &variable);
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
    p.roofs = roofs;
    p.injection = injection;
    p.close = closePlugin;
    return p;
  }();
  if (hostAbi < RIDGELINE_PLUGIN_ABI) return nullptr;
  ridgeline::plugin::host = host;
  return &plugin;
}
