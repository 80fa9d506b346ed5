// Operators that can work on tensors whose axes are in another order, and how they change to do so.
#pragma once

#include "advisor/rules/layout/permutation.h"

#include <optional>
#include <vector>

namespace ridgeline::advisor {

// The inputs that would come with their axes in another order, if the node can work in any order of `rank` axes and all
// its outputs then come in the same order. Other inputs are constants or scalars, which permuteNode() sees to.
std::optional<std::vector<int>> permutableInputs(const graph::Graph& graph, const graph::Node& node,
                                                 const Subject& subject, size_t rank);

// Changes the attributes and constants of such a node so that it does, on tensors t', what it did on Transpose(t',
// perm). The caller has seen to the inputs and outputs that are tensors.
void permuteNode(graph::Graph& graph, graph::Node* node, const Permutation& perm);

}  // namespace ridgeline::advisor
