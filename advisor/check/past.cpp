#include "advisor/check/past.h"

#include <cmath>

namespace ridgeline::advisor {
namespace {

// Recordings on a quiet machine that agree by chance still do not agree better than this.
constexpr double kLeastSpread = 0.008;

// 97.5 % quantile of Student's t (a normal quantile is too narrow for few recordings), by the first terms of its
// expansion in 1/n (Abramowitz & Stegun 26.7.5).
double studentQuantile(double degrees) {
  const double z = 1.959964;
  const double z3 = z * z * z, z5 = z3 * z * z;
  return z + (z3 + z) / (4 * degrees) + (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees * degrees);
}

}  // namespace

PastJudgement judgeByPast(const std::vector<double>& past, double currentMs, double allowed) {
  PastJudgement j;
  std::vector<double> logs;
  for (const double ms : past) {
    if (ms > 0) logs.push_back(std::log(ms));
  }
  if (logs.empty() || !(currentMs > 0)) return j;
  const auto n = static_cast<double>(logs.size());
  j.baselineMs = std::exp(median(logs));
  j.ratio = currentMs / j.baselineMs;
  if (logs.size() < kFewestPast) return j;
  // Of the next recording about the median of n: its own spread, and the median's error (variance pi / 2n).
  const double sigma = std::max(robustSigma(logs), kLeastSpread);
  const double reach = studentQuantile(n - 1) * sigma * std::sqrt(1 + 1.5708 / n);
  j.ci95 = {j.ratio * std::exp(-reach), j.ratio * std::exp(reach)};
  j.verdict = judgeRatio(j.ratio, j.ci95, allowed);
  return j;
}

}  // namespace ridgeline::advisor
