#pragma once

#include "advisor/rules/symbolic_shapes.h"
#include "graph/graph.h"

#include <optional>
#include <string>

namespace ridgeline::advisor {

// The mask that a tokenizer makes: (batch, keys), 1 where there is a token and 0 for padding.
struct PaddingMask {
  std::string tokens;  // of an integer type
  double fill = 0;     // what is added to the scores of padding
};

// What `added` to attention scores is made of, when it is (1 - tokens) * fill for each key of each sequence.
std::optional<PaddingMask> paddingMaskOf(const graph::Graph& graph, const SymbolicShapes& shapes,
                                         const std::string& added);

}  // namespace ridgeline::advisor
