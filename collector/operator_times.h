// From the events of several runs to one row an operator.
#pragma once

#include "collector/observe.h"

#include <span>
#include <vector>

namespace ridgeline::collector {

// The operators of the runs, in order of execution, with calls, times and the shapes of the first call. An operator
// that did not run in some of the runs counts 0 there.
//
// A time includes the engine's dispatch of the operator: the time since the one before it ended. Times are medians over
// the runs, all scaled by one factor so that those of depth 0 add up to what the operators of the median run take.
// Where each run is disturbed somewhere else, plain medians leave every disturbance out and add up to a run that never
// was.
std::vector<ExecutedOperator> operatorsOf(std::span<const engine::ObservedRun> runs);

// Index of the run whose duration is the median (the lower of the middle two); runs must not be empty.
size_t typicalRun(std::span<const engine::ObservedRun> runs);

}  // namespace ridgeline::collector
