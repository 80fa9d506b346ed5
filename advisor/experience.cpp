#include "advisor/experience.h"

#include "advisor/machine_cache.h"
#include "base/stats.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace ridgeline::advisor {
namespace {

constexpr int kCacheVersion = 3;
constexpr size_t kMostRemembered = 16;
// One trial in noise must not decide: so many trials that came out as predicted are assumed beside those that were
// made.
constexpr double kTrust = 2;
// A rule is neither silenced by bad luck nor believed beyond measure.
constexpr double kLeastFactor = 0.25, kLargestFactor = 2;

MachineCache cacheFor(int threads) { return {"predictions.json", kCacheVersion, threads}; }

// "rule variant 1e-1 ms", "rule 1e-1 ms".
struct Keys {
  std::string own, general;
};
Keys keysOf(const std::string& rule, const std::string& variant, double predictedGainMs) {
  const auto magnitude = fmt::format(" 1e{} ms", static_cast<int>(std::floor(std::log10(predictedGainMs))));
  return {rule + " " + variant + magnitude, rule + magnitude};
}

}  // namespace

Experience::Lesson Experience::lesson(const std::string& rule, const std::string& variant, double predictedGainMs) {
  if (!(predictedGainMs > 0)) return {};
  load();
  const auto keys = keysOf(rule, variant, predictedGainMs);
  auto it = m_shares.find(keys.own);
  if (it == m_shares.end()) it = m_shares.find(keys.general);
  if (it == m_shares.end() || it->second.empty()) return {};
  const auto n = static_cast<double>(it->second.size());
  const double factor = 1 + n / (n + kTrust) * (median(it->second) - 1);
  return {std::clamp(factor, kLeastFactor, kLargestFactor), it->second.size()};
}

void Experience::learn(const std::string& rule, const std::string& variant, double predictedGainMs,
                       double measuredGainMs) {
  if (!(predictedGainMs > 0) || !std::isfinite(measuredGainMs)) return;
  load();
  nlohmann::json news = nlohmann::json::object();
  const auto keys = keysOf(rule, variant, predictedGainMs);
  for (const auto& key : {keys.own, keys.general}) {
    auto& shares = m_shares[key];
    shares.push_back(measuredGainMs / predictedGainMs);
    if (shares.size() > kMostRemembered) shares.erase(shares.begin());
    news[key] = shares;
  }
  cacheFor(m_threads).add(news);
}

void Experience::load() {
  if (m_loaded) return;
  m_loaded = true;
  const auto known = cacheFor(m_threads).load();
  for (const auto& [key, shares] : known.items()) {
    if (!shares.is_array()) continue;
    for (const auto& share : shares) {
      if (share.is_number() && std::isfinite(share.get<double>())) m_shares[key].push_back(share.get<double>());
    }
  }
}

}  // namespace ridgeline::advisor
