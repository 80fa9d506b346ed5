// Orders of axes, as Transpose's attribute gives them: axis i of the result is axis perm[i] of the input.
#pragma once

#include "graph/tensor.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ridgeline::graph {

using Permutation = std::vector<int64_t>;

bool isIdentity(const Permutation& perm);
Permutation inverse(const Permutation& perm);
// What Transpose(first) and then Transpose(second) do together.
Permutation compose(const Permutation& first, const Permutation& second);

Dims transposed(const Dims& dims, const Permutation& perm);
// Elements and dims in the order that `perm` gives. Not for strings.
Tensor transposed(const Tensor& tensor, const Permutation& perm);

// "NCHW to NHWC" for the usual ones, else "0 2 1 3".
std::string describe(const Permutation& perm);

}  // namespace ridgeline::graph
