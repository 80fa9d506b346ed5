// Repeated, interleaved timing of several loops on one team: each round times every loop once, so that a disturbance
// (another process, a slower clock) falls on all of them and the best of many rounds is free of it.
#pragma once

#include "base/progress.h"
#include "plugins/cpu/measure/team.h"

#include <functional>
#include <string>
#include <vector>

namespace ridgeline::cpu {

// As many repetitions that were left alone make a measurement.
constexpr size_t kFewRounds = 3;

// One loop. `work(thread, amount)` does `amount` units; `perUnit` is what one unit of one thread counts (operations,
// bytes).
struct Contestant {
  std::function<void(int thread, int64_t amount)> work;
  double perUnit = 1;

  // Filled by the contest.
  int64_t amount = 1;             // units a thread and repetition, for some milliseconds
  std::vector<double> rates;      // per second, one a round
  std::vector<bool> undisturbed;  // per round: every thread kept its processor for the whole repetition
  double best() const;
  double spread() const;  // as Roof::spread
  size_t undisturbedRounds() const;
  bool settled() const;  // the best few rounds agree within 2 %
};

struct Repetition {
  double seconds = 0;       // from the first thread's start to the last one's end
  double rate = 0;          // of all threads together
  bool undisturbed = true;  // no thread lost its processor for more than 1 %
};

// `amount` units on every thread, after `warmUp` ones that are not timed.
Repetition timeOnce(Team& team, const Contestant& contestant, int64_t warmUp, int64_t amount);

struct ContestLimits {
  int minRounds = 8;
  double seconds = 4.5;     // no further round is begun after this, once there are minRounds or 1.2 times this is over
  double repetitionMs = 3;  // short: on a busy machine long repetitions are rarely left alone
};

// Rounds until everyone has settled or the time is used up. Who has settled leaves the time to the others.
Status holdContest(Team& team, std::vector<Contestant>& contestants, const ContestLimits& limits, Job job);

}  // namespace ridgeline::cpu
