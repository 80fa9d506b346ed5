// Orders of axes, as Transpose's attribute gives them: axis i of the result is axis perm[i] of the input.
#pragma once

#include "advisor/rule.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

using Permutation = std::vector<int64_t>;

bool isIdentity(const Permutation& perm);
Permutation inverse(const Permutation& perm);
// What Transpose(first) and then Transpose(second) do together.
Permutation compose(const Permutation& first, const Permutation& second);

// Of a Transpose node; nullopt when the node is none, its order is malformed, or it is the default one and the rank is
// not known.
std::optional<Permutation> permutationOf(const graph::Node& node, const Subject& subject);

// The constant's dims and elements in the order that `perm` gives.
graph::Tensor transposed(const graph::Tensor& tensor, const Permutation& perm);

// "NCHW to NHWC" for the usual ones, else "0 2 1 3".
std::string describe(const Permutation& perm);

}  // namespace ridgeline::advisor
