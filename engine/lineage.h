// Which nodes of the file an executed node stands for, after the engine's fusions and layout changes.
#pragma once

#include "graph/graph.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace ridgeline::engine {

// Name of an executed node (in the optimized graph) -> ids (graph::idOf) of the original nodes it stands for. Nodes the
// engine itself put in (reorders, casts) map to an empty list. Original nodes folded away at load time appear nowhere.
// An original node appears under exactly one executed node.
struct Lineage {
  std::unordered_map<std::string, std::vector<std::string>> sources;
  int unmatched = 0;  // executed nodes that should stand for something and could not be traced
};

Lineage traceLineage(const graph::Model& original, const graph::Model& optimized);

}  // namespace ridgeline::engine
