// Which of two models is faster here: interleaved runs, and a verdict with its interval.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "base/stats.h"
#include "engine/session.h"

#include <functional>
#include <string_view>
#include <vector>

namespace ridgeline::advisor {

enum class Verdict { Faster, Slower, Inconclusive };
std::string_view nameOf(Verdict verdict);

struct JudgeOptions {
  double maxSeconds = 10;  // of measuring, warm-up included
  int minRounds = 8;
  int maxRounds = 400;
  double widthWanted = 0.02;  // of the interval, relative; rounds are added until it is this narrow
  // How much faster a model must surely be to be called faster: the interval's lower end must exceed 1 + this. Two
  // builds of one model differ by a fraction of a percent for reasons of memory placement alone.
  double margin = 0.005;
  // Stop as soon as the verdict is clear, even if the interval is still wide.
  bool stopWhenClear = false;
  // Before each model's turn: a rest, in which the other's threads stop waiting busily for work, and a run that does
  // not count. For sessions that are not quiet between runs.
  double restMs = 0;
  // One run a place, and never the same model twice in a row: each run finds the caches full of something else.
  bool coldCaches = false;
};

struct Judgement {
  double baselineMs = 0;  // median of a plain run
  double candidateMs = 0;
  double ratio = 1;     // baseline / candidate, median over rounds: above 1, the candidate is faster
  Interval ci95{0, 0};  // of the ratio, bootstrap over rounds
  Verdict verdict = Verdict::Inconclusive;
  std::vector<double> ratios;  // one a round
  double seconds = 0;
  int rounds() const { return static_cast<int>(ratios.size()); }
  double gainMs() const { return baselineMs - candidateMs; }
  double pairedGainMs() const { return baselineMs * (1 - 1 / ratio); }  // agrees with the ratio, which noise moves less
};

// Runs a model once and says how long it took, in ns.
using TimedRun = std::function<Result<int64_t>()>;

// A round runs baseline, candidate, candidate, baseline; models that take less than a millisecond run several times in
// each place. With cold caches: baseline, candidate, baseline, candidate.
Result<Judgement> judge(const TimedRun& baseline, const TimedRun& candidate, const JudgeOptions& options, Job job);

// Both sessions must have inputs bound, and be quiet between runs (SessionOptions::quietBetweenRuns) or be given a
// rest.
Result<Judgement> judge(engine::Session& baseline, engine::Session& candidate, const JudgeOptions& options, Job job);

// Several judgements of the same pair, built anew each time, as one. From four on, the interval spans what the builds
// differ by as well (Student's t of their ratios).
Judgement merge(const std::vector<Judgement>& parts, double margin);

}  // namespace ridgeline::advisor
