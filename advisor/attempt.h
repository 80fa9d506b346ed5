// Tries one proposal: applies it to a copy, compares the outputs, and measures whether it serves the goal.
#pragma once

#include "advisor/trial.h"
#include "advisor/workbench.h"
#include "base/clock.h"

#include <optional>

namespace ridgeline::advisor {

// What a proposal is tried on.
struct Incumbent {
  const graph::Model& model;
  bool lossy = false;  // outputs are held to the lossy bound already
  // Built or measured at the first need.
  std::optional<engine::Session> session{}, asleep{};  // of the model; of the same with idle threads that sleep
  std::optional<double> bytes{};                       // as the goal counts them
};

struct Attempt {
  Trial trial;                        // with the reason when it was not good enough
  std::optional<graph::Model> model;  // rewritten; present when it serves the goal and its outputs are good enough
  bool inaccurate = false;            // the outputs were what was not good enough
};

class Attempts {
 public:
  Attempts(Workbench& bench, Goal goal) : m_bench(bench), m_goal(goal) {}

  // A candidate that cannot be built or run is a rejected trial; only Interrupted is an error.
  Result<Attempt> run(Incumbent& incumbent, const Opportunity& opportunity, const Subject& subject, double secondsLeft);

 private:
  // What stands in the way of keeping it; empty: nothing.
  Result<std::string> whyNotFaster(Incumbent& incumbent, const graph::Model& model, engine::Session& candidate,
                                   Pace pace, Trial& trial);
  bool worthRunningAsleep(const Trial& trial) const;
  // Programs whose idle threads sleep pay for every operator.
  Result<Judgement> judgeAsleep(Incumbent& incumbent, const graph::Model& model, double maxSeconds);
  Result<std::string> whyNotAsleep(Incumbent& incumbent, const graph::Model& model, Trial& trial);
  Result<bool> fasterAsleep(Incumbent& incumbent, const graph::Model& model, Trial& trial);
  Result<std::string> whyNotSmaller(Incumbent& incumbent, const graph::Model& model, engine::Session& candidate,
                                    Pace pace, Trial& trial);
  Result<std::string> whyNotByMetric(const graph::Model& model) const;
  Result<Attempt> measure(Incumbent& incumbent, const Opportunity& opportunity, const Subject& subject, Trial& trial);

  Workbench& m_bench;
  Goal m_goal;
  double m_secondsLeft = 0;
  Stopwatch m_watch;  // since the attempt began
};

}  // namespace ridgeline::advisor
