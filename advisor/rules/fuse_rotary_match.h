// Rotary position embedding as exporters write it out: x * cos + rotateHalf(x) * sin, with cos and sin made of angles
// that repeat in both halves (Su et al., RoFormer, 2021, in the form that halves the head instead of interleaving it).
#pragma once

#include "advisor/rules/symbolic_shapes.h"
#include "graph/graph.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

struct RotaryBlock {
  graph::Node* sum = nullptr;      // stands for the block
  std::string x;                   // (batch, heads, length, size)
  graph::Node* split = nullptr;    // the Transpose and the Reshape that made x of (batch, length, heads x size);
  graph::Node* reshape = nullptr;  // null where x comes from elsewhere
  std::string angles;              // (1 or batch, length, size / 2): one angle for each position and pair
  bool sharedPositions = false;    // every sequence of the batch has the angles of the first
  int64_t heads = 0, headSize = 0;
  std::vector<graph::Node*> nodes;  // all of these, shared ones (cosine, sine) included
};

struct RotaryMatch {
  std::optional<RotaryBlock> block;
  std::string why;  // empty when this is no rotary embedding at all
};

// The embedding whose outermost node is this Add.
RotaryMatch matchRotary(const graph::Graph& graph, const SymbolicShapes& shapes, graph::Node& sum);

}  // namespace ridgeline::advisor
