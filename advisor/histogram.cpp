#include "advisor/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ridgeline::advisor {
namespace {

constexpr size_t kBins = 2048;
constexpr size_t kSteps = 256;       // that 8 bits tell apart
constexpr size_t kCandidates = 128;  // ends that are tried

}  // namespace

Histogram::Histogram(Range range)
    : m_range(range),
      m_width(std::max((static_cast<double>(range.hi) - range.lo) / kBins, std::numeric_limits<double>::min())),
      m_counts(kBins) {}

void Histogram::add(std::span<const float> values) {
  for (const float v : values) {
    const double at = (static_cast<double>(v) - m_range.lo) / m_width;
    ++m_counts[static_cast<size_t>(std::clamp(at, 0.0, static_cast<double>(kBins - 1)))];
  }
  m_total += static_cast<int64_t>(values.size());
}

Range Histogram::percentile(double share) const {
  const auto allowed = static_cast<int64_t>(share * static_cast<double>(m_total));
  size_t first = 0, last = kBins;  // bins kept are [first, last)
  for (int64_t cut = m_counts[first]; cut <= allowed && first + 1 < last; cut += m_counts[++first]) {
  }
  for (int64_t cut = m_counts[last - 1]; cut <= allowed && last > first + 1; cut += m_counts[--last - 1]) {
  }
  return {static_cast<float>(edge(first)), last == kBins ? m_range.hi : static_cast<float>(edge(last))};
}

Range Histogram::entropy() const {
  const double reach = std::max(std::fabs(m_range.lo), std::fabs(m_range.hi));
  Range best = m_range;
  double least = divergence(0, kBins);
  for (size_t i = 1; i < kCandidates; ++i) {
    const double end = reach * static_cast<double>(i) / kCandidates;
    const auto binOf = [&](double value) {
      return static_cast<size_t>(std::clamp(std::round((value - m_range.lo) / m_width), 0.0, double{kBins}));
    };
    const size_t first = binOf(-end), last = binOf(end);
    if (last < first + kSteps / 2) continue;  // finer than the bins tell
    const double lost = divergence(first, last);
    if (lost >= least) continue;
    least = lost;
    best = {std::max(m_range.lo, static_cast<float>(edge(first))),
            std::min(m_range.hi, static_cast<float>(edge(last)))};
  }
  return best;
}

// What lies outside [first, last) counts as being in the bins at the ends; the bins of one step share its count evenly,
// those without any value aside.
double Histogram::divergence(size_t first, size_t last) const {
  std::vector<double> truth(m_counts.begin() + static_cast<std::ptrdiff_t>(first),
                            m_counts.begin() + static_cast<std::ptrdiff_t>(last));
  const std::vector<double> inside = truth;
  for (size_t i = 0; i < first; ++i) truth.front() += static_cast<double>(m_counts[i]);
  for (size_t i = last; i < kBins; ++i) truth.back() += static_cast<double>(m_counts[i]);
  double kept = 0, sum = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    kept += inside[i];
    sum += truth[i];
  }
  if (kept <= 0 || sum <= 0) return std::numeric_limits<double>::infinity();
  double result = 0;
  for (size_t step = 0; step < kSteps; ++step) {
    const size_t begin = step * truth.size() / kSteps, end = (step + 1) * truth.size() / kSteps;
    double count = 0;
    int filled = 0;
    for (size_t i = begin; i < end; ++i) {
      count += inside[i];
      filled += truth[i] > 0;
    }
    for (size_t i = begin; i < end; ++i) {
      if (truth[i] <= 0) continue;
      // A value that only clipping put here has no counterpart: the smallest part of one stands for it.
      const double q = std::max(count / filled, 1e-4) / kept;
      const double p = truth[i] / sum;
      result += p * std::log(p / q);
    }
  }
  return result;
}

}  // namespace ridgeline::advisor
