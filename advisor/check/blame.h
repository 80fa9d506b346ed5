// Which operator explains a change: both models observed in turns, operators matched as `diff` does.
#pragma once

#include "analyzers/diff/items.h"
#include "base/progress.h"
#include "engine/session.h"

#include <vector>

namespace ridgeline::advisor {

// Both sessions are observable, quiet between runs, and have inputs bound. At least 5 rounds, then until the time is
// up.
Result<analyzers::ItemDiff> blameOperators(engine::Session& a, engine::Session& b, double maxSeconds, Job job);

// Of events of observed runs, an item an operator with a sample a run. Exposed for tests.
std::vector<analyzers::DiffItem> itemsOf(const std::vector<engine::ObservedRun>& runs);

}  // namespace ridgeline::advisor
