// What each executed operator does: its tensors, its work, and which of the file's nodes it stands for.
#pragma once

#include "collector/observe.h"
#include "engine/lineage.h"

#include <vector>

namespace ridgeline::collector {

// Everything there is to know of the two graphs. The models and maps must outlive the call.
struct GraphPair {
  const graph::Model& original;
  const graph::Model& optimized;
  const engine::Lineage& lineage;
  const engine::ShapeMap& shapes;  // of the original's tensors
  const NodeWorks& works;          // of the original's nodes
};

// Fills in tensors, work, working set and sources. Work is that of the executed node where its type is known, else that
// of the nodes it stands for, else none.
void describeOperators(const GraphPair& graphs, std::vector<ExecutedOperator>& operators);

}  // namespace ridgeline::collector
