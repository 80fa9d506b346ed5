// Plain and observed runs in turns, so that both see the same machine.
#pragma once

#include "collector/observe.h"

#include <vector>

namespace ridgeline::collector {

struct RunLog {
  std::vector<TimedRun> runs;
  std::vector<engine::ObservedRun> observed;  // in the order of the observed ones among `runs`
  std::vector<size_t> observedIndex;          // where each stands in `runs`
};

// Both sessions are bound. Blocks go plain, observed, observed, plain, ... (A B B A), each long enough for the
// processor to settle in.
Result<RunLog> runInTurns(engine::Session& plain, engine::Session& observable, const ObserveOptions& options, Job job);

}  // namespace ridgeline::collector
