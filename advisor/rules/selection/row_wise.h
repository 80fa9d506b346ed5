// What an operator needs of its inputs when only some entries along one axis of its output are wanted.
#pragma once

#include "advisor/rules/symbolic_shapes.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ridgeline::advisor {

struct RowWise {
  // For each input, the axis along which the same entries suffice; nullopt where all of it is needed.
  std::vector<std::optional<size_t>> axes;
  std::vector<int64_t>
      shape;  // of a Reshape: its new target, with 0 for a dim of the input and -1 for what is left over
};

// nullopt where entries depend on each other along this axis of output 0, or the operator or a shape is not known. The
// operator's other outputs are taken to be unused.
std::optional<RowWise> rowWise(const graph::Graph& graph, const SymbolicShapes& shapes, const graph::Node& node,
                               size_t axis);

}  // namespace ridgeline::advisor
