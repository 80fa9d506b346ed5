#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Makes weights that are also listed as inputs what they were meant to be: constants. Older exporters list every weight
// so; from IR version 4 on, that means that any run may bring its own, and no engine may fold, fuse or reorder it.
std::unique_ptr<Rule> makeFreezeWeightsRule();

// The names of such weights.
std::vector<std::string> overridableWeights(const graph::Graph& graph);

}  // namespace ridgeline::advisor
