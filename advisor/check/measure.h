// Is B slower than A by more than is allowed? Both run in turns until that is clear, or the time is up.
#pragma once

#include "advisor/judge.h"

namespace ridgeline::advisor {

enum class CheckVerdict { Regression, Improvement, Same, Inconclusive };
std::string_view nameOf(CheckVerdict verdict);

struct MeasureOptions {
  double allowed = 0.03;   // how much slower B may be, relative
  double maxSeconds = 30;  // warm-up included
  int minRounds = 12;
  int maxRounds = 3000;
};

struct Measurement {
  double aMs = 0, bMs = 0;  // medians of a run
  double ratio = 1;         // B / A: above 1, B is slower
  Interval ci95{0, 0};
  CheckVerdict verdict = CheckVerdict::Inconclusive;
  int rounds = 0;
  double seconds = 0;
};

// Regression: surely slower (by more than kNoise), and by more than allowed as best we know. Improvement: surely
// faster. Same: surely within what is allowed. Inconclusive: none of these.
CheckVerdict judgeRatio(double ratio, const Interval& ci95, double allowed);
// Two builds of one model differ by up to this for reasons of memory placement alone.
inline constexpr double kNoise = 0.01;

Result<Measurement> measureInTurns(const TimedRun& a, const TimedRun& b, const MeasureOptions& options, Job job);

}  // namespace ridgeline::advisor
