// The distribution of a tensor's values, and the ranges that 8 bits hold best.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ridgeline::advisor {

struct Range {
  float lo = 0;
  float hi = 0;
};

class Histogram {
 public:
  // Bins of one width over the range, which holds every value that will be added.
  explicit Histogram(Range range);
  void add(std::span<const float> values);

  // Cuts `share` of the values off either end.
  Range percentile(double share) const;
  // Of the ranges that end at the same distance from zero on either side (or at the data's own end, where that is
  // nearer), the one whose values lose least by being clipped to it and rounded to 256 steps: the Kullback-Leibler
  // divergence of the rounded distribution from the true one, as in TensorRT's calibration (Migacz, GTC 2017).
  Range entropy() const;

 private:
  double edge(size_t bin) const { return m_range.lo + static_cast<double>(bin) * m_width; }
  double divergence(size_t first, size_t last) const;

  Range m_range;
  double m_width;
  std::vector<int64_t> m_counts;
  int64_t m_total = 0;
};

}  // namespace ridgeline::advisor
