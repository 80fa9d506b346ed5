// The CPU as a plugin: topology and ISA, roofs, counters around operators.
#include "plugins/cpu/detect/system_files.h"
#include "plugins/cpu/plugin/event_files.h"
#include "plugins/cpu/plugin/missing_counters.h"
#include "plugins/cpu/plugin/papi_counters.h"
#include "plugins/cpu/roofs.h"
#include "plugins/sdk/ridgeline_plugin.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace {

using namespace ridgeline;
using namespace ridgeline::cpu;
using ridgeline::plugin::fail;
using ridgeline::plugin::guarded;
using ridgeline::plugin::host;

constexpr const char* kEnergy = "energy";

RidgelineStatus fail(const Error& error) {
  const auto status = error.code == ErrorCode::Unavailable   ? RIDGELINE_UNAVAILABLE
                      : error.code == ErrorCode::Interrupted ? RIDGELINE_STOPPED
                      : error.code == ErrorCode::Usage       ? RIDGELINE_INVALID
                                                             : RIDGELINE_FAILED;
  return fail(status, error.text());
}

bool isOurs(const char* device) { return device && std::string_view(device) == "0"; }
RidgelineStatus noSuchDevice(const char* id) {
  return fail(RIDGELINE_INVALID, fmt::format("there is no CPU {}; it is called 0", id ? id : "(null)"));
}

const RidgelineInfo* describe() {
  static const RidgelineInfo info = [] {
    auto i = RIDGELINE_INIT(RidgelineInfo);
    i.name = "cpu";
    i.version = "1.0.0";
    i.vendor = "Ridgeline";
    i.description = "This machine's processor: roofs, and counters around operators";
    return i;
  }();
  return &info;
}

std::string propertiesOf(const Processor& processor) {
  nlohmann::json caches = nlohmann::json::array();
  for (const auto& c : processor.caches) {
    caches.push_back({{"name", c.name}, {"bytes", c.bytes}, {"shared_by", c.sharedBy}});
  }
  const nlohmann::json properties = {{"architecture", processor.architecture},
                                     {"logical_processors", processor.logicalProcessors},
                                     {"physical_cores", processor.physicalCores},
                                     {"isa", processor.isa},
                                     {"caches", caches},
                                     {"memory_bytes", processor.memoryBytes}};
  return properties.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

RidgelineStatus devices(void (*emit)(void*, const RidgelineDevice*), void* context) {
  return guarded([&]() -> RidgelineStatus {
    const auto processor = detectProcessor();
    const auto properties = propertiesOf(processor);
    const auto name = processor.model.empty() ? processor.architecture + " processor" : processor.model;
    auto device = RIDGELINE_INIT(RidgelineDevice);
    device.id = "0";
    device.name = name.c_str();
    device.kind = "cpu";
    device.properties = properties.c_str();
    device.memory_bytes = processor.memoryBytes;
    emit(context, &device);
    return RIDGELINE_OK;
  });
}

// Hands the host's wish to stop on to the measuring, which runs for seconds.
class StopWatcher {
 public:
  StopWatcher() : m_thread([this] { watch(); }) {}
  ~StopWatcher() {
    m_done = true;
    m_thread.join();
  }
  StopWatcher(const StopWatcher&) = delete;
  StopWatcher& operator=(const StopWatcher&) = delete;
  const StopFlag& flag() const { return m_flag; }

 private:
  void watch() {
    while (!m_done) {
      if (host->stop_requested(host->context)) m_flag.request();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  StopFlag m_flag;
  std::atomic<bool> m_done{false};
  std::thread m_thread;
};

RidgelineStatus roofs(const char* id, int32_t threads, void (*emit)(void*, const RidgelineRoof*), void* context) {
  return guarded([&]() -> RidgelineStatus {
    if (!isOurs(id)) return noSuchDevice(id);
    const auto processor = detectProcessor();
    Progress silent;
    const StopWatcher watcher;
    auto measured =
        measureRoofs(processor, threads > 0 ? threads : processor.logicalProcessors, {silent, watcher.flag()});
    if (!measured) return fail(measured.error());
    for (const auto& m : *measured) {
      auto roof = RIDGELINE_INIT(RidgelineRoof);
      const bool compute = m.kind == Roof::Kind::Compute;
      roof.kind = compute ? RIDGELINE_COMPUTE : RIDGELINE_BANDWIDTH;
      roof.threads = m.threads;
      roof.dtype = compute ? m.dtype.c_str() : nullptr;
      roof.level = compute ? nullptr : m.level.c_str();
      roof.pattern = compute ? nullptr : m.pattern.c_str();
      roof.value = m.value;
      roof.spread = m.spread;
      roof.how = m.how.c_str();
      emit(context, &roof);
    }
    return RIDGELINE_OK;
  });
}

std::vector<Metric> metricsHere() { return knownMetrics(identityOf(readLine("/proc/cpuinfo"))); }

void emitCounter(const Metric& metric, const Status& works, void (*emit)(void*, const RidgelineCounter*),
                 void* context) {
  const bool software = metric.terms.front().event.starts_with("perf::");
  WhyNot why;
  if (!works) why = software ? WhyNot{works.error().message, ""} : whyNotCounted("/", works.error().message);
  auto counter = RIDGELINE_INIT(RidgelineCounter);
  counter.name = metric.name.c_str();
  counter.unit = metric.unit.c_str();
  counter.description = metric.description.c_str();
  counter.unavailable = works ? nullptr : why.reason.c_str();
  counter.remedy = works || why.remedy.empty() ? nullptr : why.remedy.c_str();
  emit(context, &counter);
}

RidgelineStatus counters(const char* id, void (*emit)(void*, const RidgelineCounter*), void* context) {
  return guarded([&]() -> RidgelineStatus {
    if (!isOurs(id)) return noSuchDevice(id);
    (void)openPapi();  // without it the kernel's own events remain
    for (const auto& metric : metricsHere()) emitCounter(metric, tryMetrics(std::span(&metric, 1)), emit, context);
    const bool energy = !energyFiles("/").empty();
    const auto why = energy ? WhyNot{} : whyNoEnergy("/");
    auto counter = RIDGELINE_INIT(RidgelineCounter);
    counter.name = kEnergy;
    counter.unit = "J";
    counter.description = "Energy of the whole processor package, whoever used it";
    counter.unavailable = energy ? nullptr : why.reason.c_str();
    counter.remedy = energy ? nullptr : why.remedy.c_str();
    emit(context, &counter);
    return RIDGELINE_OK;
  });
}

// INT8 pays where one instruction multiplies and adds four of them; without, it costs more than it saves.
RidgelineStatus rewrites(const char* id, void (*emit)(void*, const RidgelineRewrite*), void* context) {
  return guarded([&]() -> RidgelineStatus {
    if (!isOurs(id)) return noSuchDevice(id);
    const auto isa = detectProcessor().isa;
    std::string dot;
    for (const std::string_view name : {"avx_vnni", "avx512_vnni", "amx_int8", "dotprod", "i8mm"}) {
      if (std::find(isa.begin(), isa.end(), name) != isa.end()) dot = name;
    }
    const auto why = dot.empty() ? "this processor has no dot product of INT8"
                                 : fmt::format("this processor has {}, a dot product of INT8", dot);
    for (const char* rule : {"quantize-static", "quantize-dynamic"}) {
      auto rewrite = RIDGELINE_INIT(RidgelineRewrite);
      rewrite.rule = rule;
      rewrite.pays = dot.empty() ? -1 : 1;
      rewrite.why = why.c_str();
      emit(context, &rewrite);
    }
    return RIDGELINE_OK;
  });
}

struct Collection {
  std::unique_ptr<PapiCounters> papi;
  std::vector<std::filesystem::path> energy;
  // Which value of the request comes from where: the index among PAPI's metrics, or -1 for energy.
  std::vector<int> places;
  size_t papiCount = 0;
};
bool collecting = false;

RidgelineStatus choose(const RidgelineRequest& request, std::vector<Metric>& chosen, Collection& collection) {
  const auto known = metricsHere();
  for (size_t i = 0; i < request.counter_count; ++i) {
    const std::string_view name = request.counters[i] ? request.counters[i] : "";
    if (name == kEnergy) {
      collection.energy = energyFiles("/");
      if (collection.energy.empty()) return fail(RIDGELINE_UNAVAILABLE, whyNoEnergy("/").reason);
      collection.places.push_back(-1);
      continue;
    }
    const auto metric = std::find_if(known.begin(), known.end(), [&](const Metric& m) { return m.name == name; });
    if (metric == known.end()) return fail(RIDGELINE_INVALID, fmt::format("there is no counter {}", name));
    collection.places.push_back(static_cast<int>(chosen.size()));
    chosen.push_back(*metric);
  }
  collection.papiCount = chosen.size();
  return RIDGELINE_OK;
}

RidgelineStatus start(const RidgelineRequest* request, const RidgelineSink*, void** out) {
  return guarded([&]() -> RidgelineStatus {
    if (request->device && !isOurs(request->device)) return noSuchDevice(request->device);
    if (collecting) return fail(RIDGELINE_UNAVAILABLE, "a collection is under way already");
    auto collection = std::make_unique<Collection>();
    std::vector<Metric> chosen;
    if (const auto status = choose(*request, chosen, *collection); status != RIDGELINE_OK) return status;
    if (!chosen.empty()) {
      (void)openPapi();
      auto counting = PapiCounters::start(std::move(chosen));
      if (!counting) return fail(counting.error());
      collection->papi = std::move(*counting);
    }
    collecting = true;
    *out = collection.release();
    return RIDGELINE_OK;
  });
}

RidgelineStatus thread(void* given, int32_t joins) {
  return guarded([&]() -> RidgelineStatus {
    auto& collection = *static_cast<Collection*>(given);
    if (!collection.papi) return RIDGELINE_OK;
    const auto done = joins ? collection.papi->join() : collection.papi->leave();
    return done ? RIDGELINE_OK : fail(done.error());
  });
}

RidgelineStatus readTotals(void* given, double* values, size_t count) {
  return guarded([&]() -> RidgelineStatus {
    auto& collection = *static_cast<Collection*>(given);
    std::vector<double> counted(collection.papiCount);
    if (collection.papi) {
      if (auto done = collection.papi->read(counted); !done) return fail(done.error());
    }
    for (size_t i = 0; i < count && i < collection.places.size(); ++i) {
      const int place = collection.places[i];
      values[i] = place >= 0 ? counted[static_cast<size_t>(place)] : readEnergy(collection.energy).value_or(0);
    }
    return RIDGELINE_OK;
  });
}

RidgelineStatus stop(void* given) {
  return guarded([&]() -> RidgelineStatus {
    delete static_cast<Collection*>(given);
    collecting = false;
    return RIDGELINE_OK;
  });
}

void closePlugin() {
  closePapi();
  host = nullptr;
}

}  // namespace

const RidgelinePlugin* ridgeline_plugin_open(uint32_t hostAbi, const RidgelineHost* host) {
  static const RidgelinePlugin plugin = [] {
    auto p = RIDGELINE_INIT(RidgelinePlugin);
    p.abi = RIDGELINE_PLUGIN_ABI;
    p.describe = describe;
    p.devices = devices;
    p.roofs = roofs;
    p.counters = counters;
    p.rewrites = rewrites;
    p.start = start;
    p.thread = thread;
    p.read = readTotals;
    p.stop = stop;
    p.close = closePlugin;
    return p;
  }();
  if (hostAbi < RIDGELINE_PLUGIN_ABI) return nullptr;
  ridgeline::plugin::host = host;
  return &plugin;
}
