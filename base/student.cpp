#include "base/student.h"

#include <boost/math/distributions/students_t.hpp>

#include <cmath>
#include <limits>
#include <numeric>

namespace ridgeline {

Interval meanInterval(std::span<const double> values, double confidence) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (values.size() < 2) return {-infinite, infinite};
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double error = std::sqrt(squares / (n - 1) / n);
  const double t = quantile(boost::math::students_t(n - 1), 1 - (1 - confidence) / 2);
  return {mean - t * error, mean + t * error};
}

}  // namespace ridgeline
