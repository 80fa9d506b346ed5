#include "advisor/asleep.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

constexpr double kNearly = 0.96;
constexpr double kWorthLosingPrecision = 1.03;

}  // namespace

bool nearlyAsFast(const Judgement& spinning) { return spinning.verdict != Verdict::Slower || spinning.ratio > kNearly; }

bool paysAsleep(const Judgement& spinning, const Judgement& asleep, bool lossy) {
  const double sure = asleep.ci95.lo;
  return nearlyAsFast(spinning) && asleep.verdict == Verdict::Faster && sure * std::min(spinning.ratio, 1.0) > 1 &&
         (!lossy || sure > kWorthLosingPrecision);
}

}  // namespace ridgeline::advisor
