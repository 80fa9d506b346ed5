// The order of axes that a Transpose node gives.
#pragma once

#include "advisor/rule.h"
#include "graph/permutation.h"

#include <optional>

namespace ridgeline::advisor {

using graph::compose;
using graph::describe;
using graph::inverse;
using graph::isIdentity;
using graph::Permutation;
using graph::transposed;

// nullopt when the node is no Transpose, its order is malformed, or it is the default one and the rank is not known.
std::optional<Permutation> permutationOf(const graph::Node& node, const Subject& subject);

}  // namespace ridgeline::advisor
