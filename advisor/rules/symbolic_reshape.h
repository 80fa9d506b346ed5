#pragma once

#include "advisor/rules/symbolic_shapes.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace ridgeline::advisor {

// The target of a Reshape from these dims to those that is right for every size of what is open: 0 copies the input's
// dim of that place, -1 stands for one dim that is left over. nullopt when two would be left over.
// `shortened` is a pair of axes, of the input and of the output, along which the input comes shorter than its dims say.
std::optional<std::vector<int64_t>> reshapeTarget(const SymbolicDims& from, const SymbolicDims& to,
                                                  std::optional<std::pair<size_t, size_t>> shortened = {});

}  // namespace ridgeline::advisor
