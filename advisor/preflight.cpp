#include "advisor/preflight.h"

#include "advisor/kernel_runner.h"
#include "base/clock.h"
#include "base/files.h"
#include "engine/session.h"
#include "plugins/cpu/roofs.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <optional>

namespace ridgeline::advisor {
namespace {

constexpr double kDoesNotRun = -1;
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
  for (const auto& [key, ms] : m_times) {
    if (!m_unsure.contains(key)) times[key] = ms;
  }
  (void)writeFileAtomically(*path, cache.dump(1));
}

void KernelTimes::assume(const std::string& key, double ms) {
  loadCache();
  m_times[key] = ms;
  m_unsure.insert(key);
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
  std::vector<KernelRunner> runners;
  for (const auto* form : forms) {
    auto runner = KernelRunner::create(*form, m_threads);
    if (runner) {
      runners.push_back(std::move(*runner));
    } else {
      m_times[form->key] = kDoesNotRun;
    }
  }
  runInterleaved(runners);
  // A first form that is known already keeps its time; the others are told relative to it.
  double scale = 1;
  for (const auto& r : runners) {
    const auto ms = r.ms();
    const auto it = m_times.find(r.key());
    if (it != m_times.end() && it->second > 0 && ms) {
      scale = it->second / *ms;
      continue;
    }
    m_times[r.key()] = ms ? *ms * scale : kDoesNotRun;
    if (!r.settled()) m_unsure.insert(r.key());
  }
}

}  // namespace ridgeline::advisor
