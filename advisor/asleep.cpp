#include "advisor/asleep.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

// Least ratio while threads spin, where the loss is sure and where it may be noise.
constexpr double kLeastSure = 0.96, kLeast = 0.9;
constexpr double kWorthLosingPrecision = 1.03;
constexpr double kSmallWin = 1.15;

}  // namespace

bool nearlyAsFast(const Judgement& spinning) {
  return spinning.ratio > (spinning.verdict == Verdict::Slower ? kLeastSure : kLeast);
}

bool paysAsleep(const Judgement& spinning, const Judgement& asleep, bool lossy) {
  const double sure = asleep.ci95.lo;
  return nearlyAsFast(spinning) && asleep.verdict == Verdict::Faster && sure * std::min(spinning.ratio, 1.0) > 1 &&
         (!lossy || sure > kWorthLosingPrecision);
}

bool mayLoseAsleep(const Judgement& spinning) { return spinning.ratio < kSmallWin; }

bool losesAsleep(const Judgement& spinning, const Judgement& asleep) {
  return asleep.verdict == Verdict::Slower && asleep.ratio * spinning.ratio < 1;
}

}  // namespace ridgeline::advisor
