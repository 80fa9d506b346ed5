#include "advisor/preflight.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/stats.h"
#include "engine/session.h"
#include "plugins/cpu/roofs.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace ridgeline::advisor {
namespace {

constexpr double kDoesNotRun = -1;
constexpr int kLeastRounds = 5, kMostRounds = 40;
constexpr double kMillisecondsPerForm = 25;
constexpr int kCacheVersion = 1;

Result<std::filesystem::path> cachePath() {
  auto folder = cacheFolder();
  if (!folder) return passOn(folder);
  return *folder / "kernels.json";
}

std::string machineKey(int threads) {
  return fmt::format("{}; {}; {} threads", cpu::detectProcessor().fingerprint(), engine::Session::engineName(),
                     threads);
}

// The cache file: {"version": 1, "machines": {machine: {form: ms}}}. Whatever else it holds counts as empty.
nlohmann::json readCache(const std::filesystem::path& path) {
  auto text = readFile(path);
  if (!text) return nlohmann::json::object();
  auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || json.value("version", nlohmann::json()) != kCacheVersion) return nlohmann::json::object();
  if (!json.contains("machines") || !json["machines"].is_object()) return nlohmann::json::object();
  return json;
}

// Values do not change a kernel's speed, denormals and NaNs aside: a mild ramp serves.
graph::Tensor inputFor(const engine::PortInfo& port) {
  graph::Tensor tensor(port.type, port.dims);
  if (port.type == graph::DataType::Float) {
    auto values = tensor.as<float>();
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 61) / 30.0f - 1.0f;
  } else if (port.type == graph::DataType::Uint8 || port.type == graph::DataType::Int8) {
    auto values = tensor.as<uint8_t>();
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<uint8_t>(i % 61 + 20);
  }
  return tensor;
}

Result<engine::Session> prepare(const graph::Model& model, int threads) {
  engine::SessionOptions options;
  options.threads = threads;
  options.quietBetweenRuns = true;
  auto session = engine::Session::create(model, options);
  if (!session) return session;
  engine::NamedTensors inputs;
  for (const auto& port : session->inputs()) {
    if (std::ranges::any_of(port.dims, [](int64_t d) { return d < 0; })) {
      return internalError(fmt::format("the model for timing a kernel leaves the shape of {} open", port.name));
    }
    inputs[port.name] = inputFor(port);
  }
  if (auto s = session->bind(inputs); !s) return passOn(s);
  for (int i = 0; i < 2; ++i) {
    if (auto warm = session->run(); !warm) return passOn(warm);
  }
  return session;
}

}  // namespace

void KernelTimes::loadCache() {
  if (m_loaded) return;
  m_loaded = true;
  m_machine = machineKey(m_threads);
  const auto path = cachePath();
  if (!path) return;
  const auto cache = readCache(*path);
  if (!cache.contains("machines") || !cache["machines"].contains(m_machine)) return;
  const auto& times = cache["machines"][m_machine];
  if (!times.is_object()) return;
  for (const auto& [key, value] : times.items()) {
    if (value.is_number() && std::isfinite(value.get<double>())) m_times[key] = value.get<double>();
  }
}

// A cache that cannot be written costs time in the next process, nothing else: no error. Two processes that write at
// once lose one's news, never the file.
void KernelTimes::saveCache() const {
  const auto path = cachePath();
  if (!path) return;
  auto cache = readCache(*path);
  cache["version"] = kCacheVersion;
  auto& times = cache["machines"][m_machine];
  if (!times.is_object()) times = nlohmann::json::object();
  for (const auto& [key, ms] : m_times) times[key] = ms;
  (void)writeFileAtomically(*path, cache.dump(1));
}

Result<double> KernelTimes::known(const std::string& key) const {
  const auto it = m_times.find(key);
  if (it == m_times.end()) return unavailable(fmt::format("{}: not timed, the time for that was used up", key));
  if (it->second < 0) return unavailable(fmt::format("{}: the engine cannot run this form here", key));
  return it->second;
}

Result<double> KernelTimes::time(const std::string& key, const std::function<graph::Model()>& build) {
  const std::array forms{KernelForm{key, build, 1}};
  return compare(forms).front();
}

std::vector<Result<double>> KernelTimes::compare(std::span<const KernelForm> forms) {
  loadCache();
  std::vector<const KernelForm*> missing;
  for (const auto& form : forms) {
    if (!m_times.contains(form.key)) missing.push_back(&form);
  }
  if (!missing.empty() && m_secondsLeft > 0) {
    const Stopwatch watch;
    if (missing.front() != &forms.front()) missing.insert(missing.begin(), &forms.front());
    measure(missing);
    m_secondsLeft -= watch.seconds();
    saveCache();
  }
  std::vector<Result<double>> results;
  for (const auto& form : forms) results.push_back(known(form.key));
  return results;
}

void KernelTimes::measure(std::span<const KernelForm* const> forms) {
  struct Runner {
    const KernelForm* form;
    engine::Session session;
    std::vector<double> ms;
  };
  std::vector<Runner> runners;
  for (const auto* form : forms) {
    auto session = prepare(form->build(), m_threads);
    if (session) {
      runners.push_back({form, std::move(*session), {}});
    } else {
      m_times[form->key] = kDoesNotRun;
    }
  }
  const Stopwatch watch;
  const double budget = kMillisecondsPerForm * static_cast<double>(runners.size());
  for (int round = 0; round < kMostRounds && (round < kLeastRounds || watch.ms() < budget); ++round) {
    for (auto& r : runners) {
      if (auto ns = r.session.run()) r.ms.push_back(static_cast<double>(*ns) * 1e-6 / r.form->copies);
    }
  }
  // A first form that is known already keeps its time; the others are told relative to it.
  double scale = 1;
  for (auto& r : runners) {
    const double ms = r.ms.empty() ? kDoesNotRun : median(r.ms);
    const auto it = m_times.find(r.form->key);
    if (it != m_times.end() && it->second > 0 && ms > 0) {
      scale = it->second / ms;
    } else {
      m_times[r.form->key] = ms > 0 ? ms * scale : ms;
    }
  }
}

}  // namespace ridgeline::advisor
