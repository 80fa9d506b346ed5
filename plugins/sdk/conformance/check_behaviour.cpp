// What a plugin does: refuses nonsense, collects, keeps to lifetimes and threads, leaves without a trace.
#include "plugins/sdk/conformance/conformance.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

namespace ridgeline::plugins {
namespace fs = std::filesystem;
namespace {

using Step = std::function<void(std::string_view)>;

StopFlag neverStopped;

// A collection in progress, with a sink that counts.
class Trial {
 public:
  explicit Trial(LoadedPlugin& plugin) : m_plugin(plugin) {
    m_sink = RIDGELINE_INIT(RidgelineSink);
    m_sink.context = this;
    m_sink.record = [](void* context, RidgelineRecordType, const void* record) {
      auto& self = *static_cast<Trial*>(context);
      if (!record) self.nullRecords++;
      (self.stopped ? self.late : self.records)++;
    };
  }
  // Whatever was found in between, what was started is stopped.
  ~Trial() {
    if (collection) (void)stop();
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  // Counters that work, of the first device that can be used.
  Status choose() {
    auto devices = m_plugin.devices();
    if (!devices) return devices.error().code == ErrorCode::Unavailable ? Status() : passOn(devices);
    const auto usable =
        std::find_if(devices->begin(), devices->end(), [](const auto& d) { return d.unavailable.empty(); });
    if (usable == devices->end()) return {};
    device = usable->id;
    auto counters = m_plugin.counters(device);
    if (!counters) return passOn(counters);
    for (const auto& c : *counters) {
      if (c.unavailable.empty() && names.size() < 4) names.push_back(c.name);
    }
    return {};
  }
  // The texts of the request are overwritten as soon as start() is back.
  Status start() {
    std::vector<std::string> texts = names;
    std::vector<const char*> pointers;
    for (const auto& t : texts) pointers.push_back(t.c_str());
    std::string id = device;
    auto request = RIDGELINE_INIT(RidgelineRequest);
    request.device = id.empty() ? nullptr : id.c_str();
    request.counters = pointers.data();
    request.counter_count = pointers.size();
    request.timeline = 1;
    stopped = false;
    auto started = m_plugin.call("start", [&] { return m_plugin.table().start(&request, &m_sink, &collection); });
    for (auto& t : texts) std::fill(t.begin(), t.end(), '\x7f');
    std::fill(id.begin(), id.end(), '\x7f');
    std::fill(pointers.begin(), pointers.end(), reinterpret_cast<const char*>(uintptr_t{8}));
    if (!started) collection = nullptr;  // whatever was written there
    return started;
  }
  Status thread(bool joins) {
    if (!m_plugin.table().thread) return {};
    return m_plugin.call("thread", [&] { return m_plugin.table().thread(collection, joins); });
  }
  Result<std::vector<double>> read() {
    std::vector<double> values(names.size(), std::nan(""));
    if (!m_plugin.table().read || values.empty()) return std::vector<double>();
    auto done = m_plugin.call("read", [&] { return m_plugin.table().read(collection, values.data(), values.size()); });
    if (!done) return passOn(done);
    for (size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) return m_plugin.wrong(fmt::format("read() gives {} for {}", values[i], names[i]));
    }
    return values;
  }
  Status stop() {
    auto done = m_plugin.call("stop", [&] { return m_plugin.table().stop(collection); });
    stopped = true;
    collection = nullptr;
    return done;
  }

  std::string device;
  std::vector<std::string> names;
  void* collection = nullptr;
  std::atomic<bool> stopped{false};
  std::atomic<int64_t> records{0}, late{0}, nullRecords{0};

 private:
  LoadedPlugin& m_plugin;
  RidgelineSink m_sink;
};

void work() {
  volatile double sum = 0;
  for (int i = 0; i < 100'000; ++i) sum = sum + std::sqrt(static_cast<double>(i));
}

Status collectOnce(LoadedPlugin& plugin, Trial& trial, const Step& step) {
  step("start");
  if (auto done = trial.start(); !done) return done;
  step("thread");
  if (auto done = trial.thread(true); !done) return done;
  step("read");
  auto before = trial.read();
  if (!before) return passOn(before);
  work();
  auto after = trial.read();
  if (!after) return passOn(after);
  for (size_t i = 0; i < after->size(); ++i) {
    if ((*after)[i] < (*before)[i]) return plugin.wrong(fmt::format("the total of {} goes down", trial.names[i]));
  }
  step("thread");
  if (auto done = trial.thread(false); !done) return done;
  step("stop");
  if (auto done = trial.stop(); !done) return done;
  if (trial.nullRecords > 0) return plugin.wrong("it gives the sink a NULL record");
  return {};
}

// Machines that cannot collect are no failure of the plugin, if it says why.
bool isExcused(const Status& status) { return !status && status.error().code == ErrorCode::Unavailable; }

size_t entriesOf(const char* folder) {
  std::error_code ec;
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder, ec), fs::directory_iterator()));
}

}  // namespace

Result<bool> checkBadArguments(const fs::path& library, const Step& step) {
  auto plugin = LoadedPlugin::load(library, {}, neverStopped);
  if (!plugin) return passOn(plugin);
  const std::string none = "no-such-device";
  const auto& table = plugin->table();
  step("counters");
  if (table.counters && plugin->counters(none)) return plugin->wrong("counters() accepts a device that is not there");
  step("rewrites");
  if (table.rewrites && plugin->rewrites(none)) return plugin->wrong("rewrites() accepts a device that is not there");
  step("roofs");
  if (table.roofs && plugin->roofs(none, 1)) return plugin->wrong("roofs() accepts a device that is not there");
  step("injection");
  if (table.injection && plugin->injection("/tmp", {"no such counter"})) {
    return plugin->wrong("injection() accepts a counter that is not there");
  }
  if (!table.start) return true;
  Trial trial(*plugin);
  trial.names = {"no such counter"};
  step("start");
  if (trial.start()) return plugin->wrong("start() accepts a counter that is not there");
  trial.names.clear();
  trial.device = none;
  if (trial.start()) return plugin->wrong("start() accepts a device that is not there");
  return true;
}

Result<bool> checkCollection(const fs::path& library, const Step& step) {
  auto plugin = LoadedPlugin::load(library, {}, neverStopped);
  if (!plugin) return passOn(plugin);
  if (!plugin->table().start) return false;
  for (int round = 0; round < 3; ++round) {
    Trial trial(*plugin);
    if (auto chosen = trial.choose(); !chosen) return passOn(chosen);
    auto done = collectOnce(*plugin, trial, step);
    if (isExcused(done)) return true;
    if (!done) return passOn(done);
  }
  return true;
}

Result<bool> checkLifetimes(const fs::path& library, const Step& step) {
  auto plugin = LoadedPlugin::load(library, {}, neverStopped);
  if (!plugin) return passOn(plugin);
  if (!plugin->table().start) return false;
  Trial trial(*plugin);
  if (auto chosen = trial.choose(); !chosen) return passOn(chosen);
  auto done = collectOnce(*plugin, trial, step);
  if (isExcused(done)) return true;
  if (!done) return passOn(done);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  if (trial.late > 0) return plugin->wrong(fmt::format("the sink gets {} records after stop()", trial.late.load()));
  return true;
}

Result<bool> checkThreads(const fs::path& library, const Step& step) {
  auto plugin = LoadedPlugin::load(library, {}, neverStopped);
  if (!plugin) return passOn(plugin);
  step("describe");
  std::atomic<int> failures{0};
  const auto together = [](int count, auto body) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(body);
    for (auto& t : threads) t.join();
  };
  together(8, [&] {
    for (int i = 0; i < 200; ++i) failures += !plugin->describe();
  });
  if (failures > 0) return plugin->wrong("describe() fails when several threads call it");
  step("devices");
  bool found = false;
  together(1, [&] { found = plugin->devices() || true; });
  if (!plugin->table().start || !found) return true;

  Trial trial(*plugin);
  if (auto chosen = trial.choose(); !chosen) return passOn(chosen);
  step("start");
  auto started = trial.start();
  if (isExcused(started)) return true;
  if (!started) return passOn(started);
  step("thread");
  together(4, [&] {
    failures += !trial.thread(true);
    for (int i = 0; i < 100; ++i) failures += !trial.read();
    failures += !trial.thread(false);
  });
  step("stop");
  if (auto stopped = trial.stop(); !stopped) return passOn(stopped);
  if (failures > 0) return plugin->wrong("thread() or read() fails when several threads call it");
  return true;
}

Result<bool> checkUnload(const fs::path& library, const Step& step) {
  size_t threads = 0, files = 0;
  for (int round = 0; round < 11; ++round) {
    if (round == 1) {  // what stays after the first time stays for good: libraries it uses
      threads = entriesOf("/proc/self/task");
      files = entriesOf("/proc/self/fd");
    }
    step("load");
    auto plugin = LoadedPlugin::load(library, {}, neverStopped);
    if (!plugin) return passOn(plugin);
    step("devices");
    (void)plugin->devices();
    step("close");
    if (auto done = plugin->unload(); !done) return passOn(done);
  }
  const auto name = library.filename().string();
  if (entriesOf("/proc/self/task") > threads) return badInput(name + ": close() leaves a thread running");
  if (entriesOf("/proc/self/fd") > files) return badInput(name + ": close() leaves files open");
  return true;
}

}  // namespace ridgeline::plugins
