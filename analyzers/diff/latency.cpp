#include "analyzers/diff/latency.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ridgeline::analyzers {
namespace {

constexpr double kSame = 0.05, kClear = 0.01;
// Two recordings of one model on a quiet machine differ by about this.
constexpr double kBetweenRecordings = 0.012;
constexpr size_t kFewest = 6, kStretches = 8;

double relativeMood(std::span<const double> runs) {
  const size_t stretches = std::min(kStretches, runs.size() / 3);
  if (stretches < 2) return 0;
  std::vector<double> medians;
  for (size_t s = 0; s < stretches; ++s) {
    const size_t from = s * runs.size() / stretches, to = (s + 1) * runs.size() / stretches;
    medians.push_back(median(runs.subspan(from, to - from)));
  }
  return robustSigma(medians) / median(medians);
}

// Relative standard error of the median, from its bootstrap interval.
double relativeError(std::span<const double> runs) { return bootstrapMedian(runs).width() / (2 * 1.96) / median(runs); }

}  // namespace

std::string_view nameOf(DiffVerdict verdict) {
  switch (verdict) {
    case DiffVerdict::Same:
      return "same";
    case DiffVerdict::Faster:
      return "faster";
    case DiffVerdict::Slower:
      return "slower";
    case DiffVerdict::Inconclusive:
      return "inconclusive";
  }
  return "inconclusive";
}

DiffVerdict verdictOf(const Interval& ratio) {
  if (ratio.lo > 1 + kClear) return DiffVerdict::Slower;
  if (ratio.hi < 1 - kClear) return DiffVerdict::Faster;
  if (ratio.lo >= 1 - kSame && ratio.hi <= 1 + kSame) return DiffVerdict::Same;
  return DiffVerdict::Inconclusive;
}

LatencyChange compareRuns(std::span<const double> aMs, std::span<const double> bMs) {
  LatencyChange change;
  change.aMs = median(aMs);
  change.bMs = median(bMs);
  if (!(change.aMs > 0) || !(change.bMs > 0)) return change;
  change.ratio = change.bMs / change.aMs;
  const double sigma = std::hypot(std::hypot(relativeError(aMs), relativeError(bMs)),
                                  std::hypot(relativeMood(aMs), relativeMood(bMs), kBetweenRecordings));
  // The ratio's logarithm is closer to normal than the ratio.
  change.ci95 = {change.ratio * std::exp(-1.96 * sigma), change.ratio * std::exp(1.96 * sigma)};
  if (std::min(aMs.size(), bMs.size()) >= kFewest) change.verdict = verdictOf(change.ci95);
  return change;
}

}  // namespace ridgeline::analyzers
