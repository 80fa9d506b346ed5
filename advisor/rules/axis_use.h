// How operators speak of the axes of their tensors: what a rewrite that moves, drops or shortens axes must see to.
#pragma once

#include "graph/graph.h"

#include <optional>

namespace ridgeline::advisor {

enum class AxisUse {
  Unary,      // not at all; only its first input is a tensor of the layout
  Broadcast,  // by position, from the last
  Axis,       // one, in the attribute "axis"
  Concat,     // the same, and all inputs are tensors of the layout
  Reduce,     // a list, in the attribute or input "axes"
  Slice,      // a list, in an input (an attribute before opset 10)
  PerAxis,    // one entry, or two halves with one entry, for each axis: Pad, Resize
  Quantize    // one, if its scale is a vector
};

// Counts from the end when negative; nullopt when outside.
std::optional<size_t> axisOf(int64_t axis, size_t rank);

// nullopt for operators that fit none of these (or none alone), and for those of other domains.
std::optional<AxisUse> axisUseOf(const graph::Node& node);

// The axis where the node's attribute is absent. For operators of AxisUse::Axis and AxisUse::Quantize.
int64_t defaultAxis(const graph::Node& node);

}  // namespace ridgeline::advisor
