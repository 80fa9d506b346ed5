// The last word on a result: both models built anew, measured against each other once more, outputs compared on inputs
// the search never saw.
#pragma once

#include "advisor/judge.h"
#include "advisor/verify.h"
#include "advisor/workbench.h"

#include <optional>
#include <string>

namespace ridgeline::advisor {

struct Proof {
  Judgement judgement;
  Verification verification;
  // The same where idle threads sleep and caches are cold; unset where that was not asked or makes no odds.
  std::optional<Judgement> asleep;
  std::string failure;  // why the result cannot be handed out; empty when it holds
  bool holds() const { return failure.empty(); }
};

// `fresh` are inputs other than the search's when they are synthetic; given ones are used again. Where the goal is
// memory or size, the result need not be faster, only not slower, or as fast as was asked for. Where it is speed, a
// result that is about as fast while threads spin holds too, if it surely pays where they sleep (asleep.h).
Result<Proof> prove(const Workbench& bench, const graph::Model& result, bool lossy, const engine::InputSet& fresh,
                    double maxSeconds, Goal goal = Goal::Latency);

}  // namespace ridgeline::advisor
