// The CUDA plugin: GPUs as the driver sees them, and the library that traces a program. Loads with and without a
// driver.
#include "plugins/cuda/counters/permission.h"
#include "plugins/cuda/plugin/counting_plan.h"
#include "plugins/cuda/plugin/driver.h"
#include "plugins/cuda/roofs/measure_roofs.h"
#include "plugins/sdk/ridgeline_plugin.hpp"

#include <fmt/format.h>

#include <array>
#include <set>

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
    {"memory", "1", "Record the memory in use (0 or 1)", "RIDGELINE_CUDA_MEMORY"},
    {"power", "1", "Record power and energy (0 or 1)", "RIDGELINE_CUDA_POWER"},
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
      auto properties = fmt::format(R"({{"compute_capability": "{}.{}")", gpu.computeMajor, gpu.computeMinor);
      for (const auto& [key, value] : gpu.facts) properties += fmt::format(R"(, "{}": {})", key, value);
      properties += "}";
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

std::string optionOf(const char* name) {
  const char* value = host->option(host->context, name);
  return value ? value : "";
}

void tell(RidgelineSeverity severity, const std::string& text) { host->message(host->context, severity, text.c_str()); }

// The device's number; -1 when there is no such device.
int numberOf(const char* id) {
  std::string why;
  const auto found = cudaDevices(why);
  for (size_t i = 0; id && i < found.size(); ++i) {
    if (found[i].id == id) return static_cast<int>(i);
  }
  return -1;
}
RidgelineStatus noSuchDevice(const char* id) {
  return fail(RIDGELINE_INVALID, fmt::format("there is no GPU {}", id ? id : "(null)"));
}

RidgelineStatus roofs(const char* id, int32_t, void (*emit)(void*, const RidgelineRoof*), void* context) {
  return guarded([&]() -> RidgelineStatus {
    const int number = numberOf(id);
    if (number < 0) return noSuchDevice(id);
    std::string why;
    const auto* driver = DriverLibrary::get(why);
    if (!driver) return fail(RIDGELINE_UNAVAILABLE, why);
    const auto stopped = [] { return host->stop_requested(host->context) != 0; };
    const auto measured = measureRoofs(*driver, number, stopped, why);
    if (stopped()) return RIDGELINE_STOPPED;
    if (measured.empty()) return fail(RIDGELINE_UNAVAILABLE, why);
    if (!why.empty()) tell(RIDGELINE_WARNING, why);
    const auto text = [](const std::string& t) { return t.empty() ? nullptr : t.c_str(); };
    for (const auto& m : measured) {
      auto roof = RIDGELINE_INIT(RidgelineRoof);
      roof.kind = m.compute ? RIDGELINE_COMPUTE : RIDGELINE_BANDWIDTH;
      roof.dtype = text(m.dtype);
      roof.level = text(m.level);
      roof.pattern = text(m.pattern);
      roof.value = m.value;
      roof.spread = m.spread;
      roof.how = m.how.c_str();
      emit(context, &roof);
    }
    return RIDGELINE_OK;
  });
}

RidgelineStatus counters(const char* id, void (*emit)(void*, const RidgelineCounter*), void* context) {
  return guarded([&]() -> RidgelineStatus {
    const int number = numberOf(id);
    if (number < 0) return noSuchDevice(id);
    const auto give = [&](const std::string& name, const std::string& unit, const std::string& description,
                          const std::string& unavailable, const char* remedy) {
      auto counter = RIDGELINE_INIT(RidgelineCounter);
      counter.name = name.c_str();
      counter.unit = unit.c_str();
      counter.description = description.c_str();
      counter.unavailable = unavailable.empty() ? nullptr : unavailable.c_str();
      counter.remedy = unavailable.empty() ? nullptr : remedy;
      emit(context, &counter);
    };
    const auto& catalog = metricCatalog();
    const auto refused = whyNotPermittedHere();
    std::string why;
    const auto base = countersOfDevice(optionOf("cupti"), number, why);
    for (const auto& set : catalog.sets) {
      give(set.name, "1", fmt::format("{}: {}", set.description, fmt::join(set.metrics, ", ")),
           base.empty() ? why : refused, base.empty() ? nullptr : kPermissionRemedy);
    }
    for (const auto& metric : catalog.metrics) {
      ResolvedCounters resolved;
      std::string missing = why, ignored;
      if (!base.empty() && !resolveCounters(catalog, {metric.name}, base, resolved, ignored)) {
        missing = "this chip does not count it";
      }
      const bool there = !resolved.metrics.empty();
      give(metric.name, metric.unit, metric.description, there ? refused : missing,
           there ? kPermissionRemedy : nullptr);
    }
    for (const auto& series : kRecordedSeries) give(series.name, series.unit, series.description, "", nullptr);
    return RIDGELINE_OK;
  });
}

// Whether to count, and what is said before the command runs. What stands in the way is no reason not to trace.
RidgelineStatus planned(const std::vector<std::string>& names, bool& counts) {
  if (const auto unknown = unknownCounter(names)) {
    return fail(RIDGELINE_INVALID, fmt::format("CUDA has no counter {}", *unknown));
  }
  std::string why;
  const auto devices = cudaDevices(why);
  if (devices.empty()) {
    tell(RIDGELINE_WARNING, "nothing is counted: " + why);
    return RIDGELINE_OK;
  }
  if (const auto refused = whyNotPermittedHere(); !refused.empty()) {
    tell(RIDGELINE_WARNING, fmt::format("nothing is counted: {}; {}", refused, kPermissionRemedy));
    return RIDGELINE_OK;
  }
  std::set<std::string> said;
  for (size_t i = 0; i < devices.size(); ++i) {
    const auto plan = planCounting(optionOf("cupti"), static_cast<int>(i), names, why);
    const auto line = plan ? plan->text() : fmt::format("nothing is counted on {}: {}", devices[i].name, why);
    counts = counts || plan.has_value();
    if (said.insert(line).second) tell(plan ? RIDGELINE_INFO : RIDGELINE_WARNING, line);
  }
  return RIDGELINE_OK;
}

RidgelineStatus injection(const RidgelineInjection* request, void (*emit)(void*, const RidgelineVariable*),
                          void* context) {
  return guarded([&]() -> RidgelineStatus {
    const auto names = toBeCounted({request->counters, request->counters + request->counter_count});
    bool counts = false;
    if (!names.empty()) {
      if (const auto status = planned(names, counts); status != RIDGELINE_OK) return status;
    }
    const auto library = libraryBeside(reinterpret_cast<const void*>(&describe), "libridgeline_cuda_trace.so");
    if (library.empty())
      return fail(RIDGELINE_UNAVAILABLE, "libridgeline_cuda_trace.so is missing; reinstall Ridgeline");
    const auto give = [&](const char* name, const char* value) {
      auto variable = RIDGELINE_INIT(RidgelineVariable);
      variable.name = name;
      variable.value = value;
      if (value) emit(context, &variable);
    };
    give("CUDA_INJECTION64_PATH", library.c_str());
    for (const auto& option : kOptions) give(option.variable, host->option(host->context, option.name));
    const auto list = fmt::format("{}", fmt::join(names, ","));
    give("RIDGELINE_CUDA_COUNTERS", counts ? list.c_str() : "");
    if (counts) give(RIDGELINE_COUNTING_RUN, "1");
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
    p.counters = counters;
    p.injection = injection;
    p.close = closePlugin;
    return p;
  }();
  if (hostAbi < RIDGELINE_PLUGIN_ABI) return nullptr;
  ridgeline::plugin::host = host;
  return &plugin;
}
