#include "advisor/preflight.h"

#include "advisor/kernel_runner.h"
#include "advisor/machine_cache.h"
#include "base/clock.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <optional>

namespace ridgeline::advisor {
namespace {

constexpr double kDoesNotRun = -1;
constexpr int kCacheVersion = 1;

MachineCache cacheFor(int threads) { return {"kernels.json", kCacheVersion, threads}; }

}  // namespace

void KernelTimes::loadCache() {
  if (m_loaded) return;
  m_loaded = true;
  const auto times = cacheFor(m_threads).load();
  for (const auto& [key, value] : times.items()) {
    if (value.is_number() && std::isfinite(value.get<double>())) m_times[key] = value.get<double>();
  }
}

void KernelTimes::saveCache() const {
  auto times = nlohmann::json::object();
  for (const auto& [key, ms] : m_times) {
    if (!m_unsure.contains(key)) times[key] = ms;
  }
  cacheFor(m_threads).add(times);
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
