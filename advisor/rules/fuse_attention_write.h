#pragma once

#include "advisor/rules/fuse_attention.h"
#include "graph/graph.h"

#include <functional>

namespace ridgeline::advisor {

// Puts the operator in the place of the attention around a Softmax; false when there is none. Remembers the masks it
// has expanded, since layers share theirs: one for all places of a graph, which must outlive it.
std::function<bool(graph::Node& softmax)> attentionWriter(graph::Graph& graph, AttentionOperator with);

}  // namespace ridgeline::advisor
