// Statistics of repeated, noisy measurements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ridgeline {

// Median of the values (mean of the two middle ones for an even count); NaN for none.
double median(std::span<const double> values);

// The q-quantile (0..1) by linear interpolation between order statistics; NaN for none.
double quantile(std::span<const double> values, double q);

// Median absolute deviation, scaled by 1.4826 so that it estimates sigma for normal data; NaN for none.
double robustSigma(std::span<const double> values);

struct Interval {
  double lo = 0;
  double hi = 0;
  double width() const { return hi - lo; }
};

// Percentile bootstrap interval of the median (Efron & Tibshirani, An Introduction to the Bootstrap, ch. 13), at the
// given confidence, from `resamples` resamples drawn with a fixed seed: the same values give the same interval.
Interval bootstrapMedian(std::span<const double> values, double confidence = 0.95, int resamples = 1000,
                         uint64_t seed = 1);

}  // namespace ridgeline
