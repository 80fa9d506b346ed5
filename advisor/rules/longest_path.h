// How much of a model's time must pass one operator after the other.
#pragma once

#include "advisor/rule.h"

namespace ridgeline::advisor {

// Time of the longest chain of nodes that wait for each other, as a share of all nodes' time; 1 when no time is known.
double shareOfLongestPath(graph::Graph& graph, const NodeTimes& times);

}  // namespace ridgeline::advisor
