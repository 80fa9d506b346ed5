// From the events of several runs to one row an operator.
#pragma once

#include "collector/observe.h"

#include <span>
#include <vector>

namespace ridgeline::collector {

// The operators of the runs, in order of execution, with calls, times and the shapes of the first call. An operator
// that did not run in some of the runs counts 0 there.
std::vector<ExecutedOperator> operatorsOf(std::span<const engine::ObservedRun> runs);

// The same identity for an event as for its operator: name, place in the graph, and depth.
bool isOf(const ExecutedOperator& op, const engine::NodeEvent& event);

// Index of the run whose duration is the median (the lower of the middle two); runs must not be empty.
size_t typicalRun(std::span<const engine::ObservedRun> runs);

}  // namespace ridgeline::collector
