#include "collector/count_operators.h"

#include "base/stats.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace ridgeline::collector {
namespace {

constexpr int kRuns = 5;

using Key = std::tuple<std::string, int64_t, int>;

// Forwards to the plugin's collection. Threads of the engine's pool outlive a run, so they join once.
class PluginCounters final : public engine::CounterReader {
 public:
  PluginCounters(plugins::LoadedPlugin& plugin, void* collection, size_t count)
      : m_table(plugin.table()), m_collection(collection), m_count(count) {}
  size_t size() const override { return m_count; }
  void threadBegins() noexcept override { thread(true); }
  void threadEnds() noexcept override { thread(false); }
  bool read(std::span<double> totals) noexcept override {
    return m_table.read(m_collection, totals.data(), totals.size()) == RIDGELINE_OK;
  }

 private:
  void thread(bool joins) noexcept {
    if (m_table.thread) m_table.thread(m_collection, joins);
  }
  const RidgelinePlugin& m_table;
  void* m_collection;
  size_t m_count;
};

// A collection from its start to its stop.
class Collection {
 public:
  static Result<Collection> start(plugins::LoadedPlugin& plugin, const std::string& device,
                                  const std::vector<std::string>& counters) {
    std::vector<const char*> names;
    for (const auto& c : counters) names.push_back(c.c_str());
    auto request = RIDGELINE_INIT(RidgelineRequest);
    request.device = device.c_str();
    request.counters = names.data();
    request.counter_count = names.size();
    Collection made(plugin);
    auto started = plugin.call("start", [&] { return plugin.table().start(&request, &silentSink(), &made.m_handle); });
    if (!started) return passOn(started);
    return made;
  }
  Collection(Collection&& other) noexcept
      : m_plugin(other.m_plugin), m_handle(std::exchange(other.m_handle, nullptr)) {}
  Collection& operator=(Collection&&) = delete;
  ~Collection() {
    if (m_handle) (void)m_plugin.call("stop", [&] { return m_plugin.table().stop(m_handle); });
  }
  void* handle() const { return m_handle; }

 private:
  explicit Collection(plugins::LoadedPlugin& plugin) : m_plugin(plugin) {}
  static const RidgelineSink& silentSink() {
    static const RidgelineSink sink{sizeof(RidgelineSink), nullptr, [](void*, RidgelineRecordType, const void*) {}};
    return sink;
  }
  plugins::LoadedPlugin& m_plugin;
  void* m_handle = nullptr;
};

struct Counting {
  plugins::LoadedPlugin plugin;
  std::string device;
  std::vector<plugins::CounterDescription> counters;
};

// The counters that were asked for, or those that work, one with another: a processor has only so many registers.
Result<std::vector<plugins::CounterDescription>> chooseCounters(plugins::LoadedPlugin& plugin,
                                                                const plugins::DeviceDescription& device,
                                                                const CountRequest& request,
                                                                std::vector<std::string>& notes) {
  std::vector<plugins::CounterDescription> chosen;
  std::vector<std::string> names;
  for (const auto& name : request.counters) {
    const auto known =
        std::find_if(device.counters.begin(), device.counters.end(), [&](const auto& c) { return c.name == name; });
    if (known == device.counters.end()) {
      return fail(ErrorCode::Usage, fmt::format("the CPU has no counter {}", name),
                  "`ridgeline plugin list` shows those there are");
    }
    if (!known->unavailable.empty())
      return unavailable(fmt::format("{} cannot be counted: {}", name, known->unavailable), known->remedy);
    chosen.push_back(*known);
    names.push_back(name);
  }
  if (!request.counters.empty()) {
    auto together = Collection::start(plugin, device.id, names);
    if (!together) return passOn(together);
    return chosen;
  }
  for (const auto& counter : device.counters) {
    if (!counter.unavailable.empty()) continue;
    names.push_back(counter.name);
    if (Collection::start(plugin, device.id, names)) {
      chosen.push_back(counter);
    } else {
      notes.push_back(fmt::format("{} cannot be counted together with the others", counter.name));
      names.pop_back();
    }
  }
  return chosen;
}

// No value: nothing can be counted, which `notes` explains.
Result<std::optional<Counting>> prepare(const CountRequest& request, std::vector<std::string>& notes, Job job) {
  const plugins::PluginHost host(request.plugins);
  auto found = host.find(job);
  const auto nothing = [&](const Error& error) -> Result<std::optional<Counting>> {
    if (!request.counters.empty() || error.code == ErrorCode::Usage || error.code == ErrorCode::Interrupted) {
      return tl::unexpected<Error>(error);
    }
    notes.push_back("nothing was counted: " + error.text());
    return std::optional<Counting>();
  };
  if (!found) return nothing(found.error());
  const auto cpu = std::find_if(found->begin(), found->end(), [](const auto& p) {
    return p.usable() && p.description.name == "cpu" && p.description.collects && !p.description.devices.empty();
  });
  if (cpu == found->end()) {
    return nothing(
        {ErrorCode::Unavailable, "the cpu plugin is not there", "`ridgeline plugin list` shows those that are"});
  }
  auto plugin = host.load(*cpu, job.stop);
  if (!plugin) return nothing(plugin.error());
  const auto device = cpu->description.devices.front();
  auto counters = chooseCounters(*plugin, device, request, notes);
  if (!counters) return nothing(counters.error());
  return Counting{std::move(*plugin), device.id, std::move(*counters)};
}

// Sums of the calls of each operator in each run.
class Sums {
 public:
  explicit Sums(size_t counters) : m_counters(counters) {}
  void add(const engine::ObservedRun& run) {
    ++m_runs;
    for (const auto& event : run.events) {
      if (event.counts.size() != m_counters) continue;
      const Key key{event.name, event.nodeIndex, event.depth};
      if (m_values.try_emplace(key).second) m_order.push_back(key);
      auto& runs = m_values[key];
      runs.resize(m_runs, std::vector<double>(m_counters, 0));
      for (size_t i = 0; i < m_counters; ++i) runs.back()[i] += event.counts[i];
    }
  }
  std::vector<CountedOperators::Operator> medians() {
    std::vector<CountedOperators::Operator> out;
    for (const auto& key : m_order) {
      auto& runs = m_values[key];
      runs.resize(m_runs, std::vector<double>(m_counters, 0));
      CountedOperators::Operator op{std::get<0>(key), std::get<1>(key), std::get<2>(key), {}};
      for (size_t i = 0; i < m_counters; ++i) {
        std::vector<double> values;
        for (const auto& run : runs) values.push_back(run[i]);
        op.values.push_back(median(values));
      }
      out.push_back(std::move(op));
    }
    return out;
  }

 private:
  size_t m_counters, m_runs = 0;
  std::map<Key, std::vector<std::vector<double>>> m_values;
  std::vector<Key> m_order;
};

Result<CountedOperators> count(Counting& counting, const graph::Model& model, const engine::NamedTensors& inputs,
                               int threads, Job job) {
  CountedOperators counted;
  counted.counters = counting.counters;
  std::vector<std::string> names;
  for (const auto& c : counting.counters) names.push_back(c.name);
  auto collection = Collection::start(counting.plugin, counting.device, names);
  if (!collection) return passOn(collection);
  PluginCounters reader(counting.plugin, collection->handle(), names.size());
  // Its threads end, and leave the collection, before the collection ends.
  auto session = engine::Session::create(model, {.threads = threads, .observable = true, .counters = &reader});
  if (!session) return passOn(session);
  if (auto bound = session->bind(inputs); !bound) return passOn(bound);
  reader.threadBegins();
  Sums sums(names.size());
  for (int i = 0; i <= kRuns; ++i) {
    if (auto go = job.stop.check(); !go) return passOn(go);
    auto run = session->runObserved();
    if (!run) return passOn(run);
    if (i > 0) sums.add(*run);  // the first warms up
    job.progress.fraction(static_cast<double>(i) / kRuns);
  }
  reader.threadEnds();
  counted.operators = sums.medians();
  counted.runs = kRuns;
  return counted;
}

}  // namespace

Result<CountedOperators> countOperators(const graph::Model& model, const engine::NamedTensors& inputs, int threads,
                                        const CountRequest& request, Job job) {
  if (request.off) return CountedOperators();
  job.progress.phase("count");
  std::vector<std::string> notes;
  auto counting = prepare(request, notes, job);
  if (!counting) return passOn(counting);
  CountedOperators counted;
  if (*counting && !(*counting)->counters.empty()) {
    auto done = count(**counting, model, inputs, threads, job);
    if (!done) return passOn(done);
    counted = std::move(*done);
  } else if (*counting) {
    notes.push_back("nothing was counted: no counter works on this machine");
  }
  counted.notes = std::move(notes);
  return counted;
}

Status writeCounts(profile::Profile& profile, const CountedOperators& counted) {
  if (counted.counters.empty()) return {};
  std::vector<profile::CounterId> kinds;
  for (const auto& c : counted.counters) {
    auto id = profile.add(profile::CounterKind{.name = c.name, .unit = c.unit, .description = c.description});
    if (!id) return passOn(id);
    kinds.push_back(*id);
  }
  auto operators = profile.all<profile::Operator>();
  if (!operators) return passOn(operators);
  // Names may repeat; both lists are in the order of execution.
  std::map<std::pair<std::string, int>, std::vector<profile::OperatorId>> rows;
  for (const auto& op : *operators) rows[{op.name, op.depth}].push_back(op.id);
  std::map<std::pair<std::string, int>, size_t> seen;
  std::vector<profile::CounterValue> values;
  for (const auto& op : counted.operators) {
    const std::pair key{op.name, op.depth};
    const auto same = rows.find(key);
    const size_t which = seen[key]++;
    if (same == rows.end() || which >= same->second.size()) continue;
    for (size_t i = 0; i < kinds.size(); ++i) values.push_back({kinds[i], same->second[which], op.values[i]});
  }
  return profile.addAll(values);
}

}  // namespace ridgeline::collector
