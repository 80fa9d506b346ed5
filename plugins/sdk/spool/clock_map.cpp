#include "plugins/sdk/spool/clock_map.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::plugins {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// Two clocks of one machine do not drift apart faster than this; a moment that says so is wrong.
constexpr double kLargestDrift = 1e-3;

int64_t offsetOf(const ClockMap::Moment& m) { return m.hostNs - m.deviceNs; }

}  // namespace

ClockMap::ClockMap(std::vector<Moment> moments) {
  std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) { return a.deviceNs < b.deviceNs; });
  for (const auto& m : moments) {
    if (m_moments.empty()) {
      m_moments.push_back(m);
      continue;
    }
    auto& last = m_moments.back();
    if (m.deviceNs / kSecond == last.deviceNs / kSecond) {
      if (m.uncertaintyNs < last.uncertaintyNs) last = m;
      continue;
    }
    const double apart = static_cast<double>(m.deviceNs - last.deviceNs);
    const double moved = std::abs(static_cast<double>(offsetOf(m) - offsetOf(last)));
    const double unsure = static_cast<double>(m.uncertaintyNs + last.uncertaintyNs);
    if (moved <= apart * kLargestDrift + unsure) m_moments.push_back(m);
  }
}

int64_t ClockMap::toHost(int64_t deviceNs) const {
  if (m_moments.empty()) return deviceNs;
  const auto after = std::lower_bound(m_moments.begin(), m_moments.end(), deviceNs,
                                      [](const Moment& m, int64_t t) { return m.deviceNs < t; });
  if (after == m_moments.begin()) return deviceNs + offsetOf(*after);
  const auto& a = *std::prev(after);
  if (after == m_moments.end()) return deviceNs + offsetOf(a);
  const double part = static_cast<double>(deviceNs - a.deviceNs) / static_cast<double>(after->deviceNs - a.deviceNs);
  const double offset = part * static_cast<double>(offsetOf(*after) - offsetOf(a));
  return deviceNs + offsetOf(a) + std::llround(offset);
}

int64_t ClockMap::uncertaintyNs() const {
  int64_t most = 0;
  for (const auto& m : m_moments) most = std::max(most, m.uncertaintyNs);
  return most;
}

}  // namespace ridgeline::plugins
