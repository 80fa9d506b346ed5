// Is B slower than A by more than is allowed? Both run in turns until that is clear, or the time is up.
#pragma once

#include "advisor/judge.h"

namespace ridgeline::advisor {

enum class CheckVerdict { Regression, Improvement, Same, Inconclusive };
std::string_view nameOf(CheckVerdict verdict);

// Two sessions ready to be timed. Where their memory lies is drawn when they are made, and by itself makes two builds
// of one model differ by a percent or two, for as long as they live; so they are made anew for every sitting.
struct Sitting {
  TimedRun a, b;
};
using MakeSitting = std::function<Result<Sitting>()>;

struct MeasureOptions {
  double allowed = 0.03;   // how much slower B may be, relative
  double maxSeconds = 30;  // warm-up included
  int roundsPerSitting = 15;
  int maxRounds = 3000;
};

struct Measurement {
  double aMs = 0, bMs = 0;  // medians of a run
  double ratio = 1;         // B / A: above 1, B is slower
  Interval ci95{0, 0};
  CheckVerdict verdict = CheckVerdict::Inconclusive;
  int rounds = 0, sittings = 0;
  double seconds = 0;
};

// Regression: surely slower (by more than kNoise), and by more than allowed as best we know. Improvement: surely
// faster. Same: surely within what is allowed. Inconclusive: none of these.
CheckVerdict judgeRatio(double ratio, const Interval& ci95, double allowed);
// Two builds of one model differ by up to this for reasons of memory placement alone.
inline constexpr double kNoise = 0.01;

Result<Measurement> measureInTurns(const MakeSitting& makeSitting, const MeasureOptions& options, Job job);

}  // namespace ridgeline::advisor
