// Judging by earlier recordings: how much do runs of this model on this kind of machine spread anyway?
#pragma once

#include "advisor/check/measure.h"
#include "advisor/check/run_store.h"

#include <vector>

namespace ridgeline::advisor {

// Fewer recordings than this do not tell how much they spread.
inline constexpr size_t kFewestPast = 5;

// `past`: latencies of earlier recordings, alike in model, device and threads. The interval is that in which the ratio
// to the next recording's latency lies, by a normal model of the logarithms with robust estimates.
struct PastJudgement {
  double baselineMs = 0, ratio = 1;
  Interval ci95{0, 0};
  CheckVerdict verdict = CheckVerdict::Inconclusive;
};
PastJudgement judgeByPast(const std::vector<double>& past, double currentMs, double allowed);

}  // namespace ridgeline::advisor
