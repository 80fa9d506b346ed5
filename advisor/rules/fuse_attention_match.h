// Scaled dot-product attention as exporters write it out: softmax(scale * Q K^T + mask) V, for several heads, with the
// heads split off before and merged after.
#pragma once

#include "advisor/rules/symbolic_shapes.h"
#include "graph/graph.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// One operand, named in the forms it has on its way: as the projection makes it (batch, length, heads x size), split
// (batch, length, heads, size), and as the product reads it (batch, heads, length, size). Empty where it is never in
// that form.
struct HeadTensor {
  std::string merged, split, ready;
  std::string repeated;  // `ready` with each head as often as queries share it; empty where they do not
  // Where the operand is a cache with the new part behind it, along the length: the forms above are those of the new
  // part.
  std::string past, present;
};

struct AttentionBlock {
  graph::Node* softmax = nullptr;  // stands for the block
  graph::Node* output = nullptr;   // the Transpose that puts the heads back beside each other
  HeadTensor query, key, value;
  std::vector<std::string> added;  // masks that are added to the scores
  // Before that, scores are replaced by `fill` where `keep` is false, or `hide` is true, whichever there is. `fill` is
  // so low that adding it gives the same: for all scores, or for those that the assumption allows.
  std::string keep, hide, fill, assumption;
  double scale = 1;
  int64_t heads = 0, keyHeads = 0;  // of the query; of key and value
  int64_t headSize = 0, valueSize = 0;
  Dim queryLength = 0, keyLength = 0;
  std::vector<graph::Node*> shapeReaders;  // Shape nodes that read the scores, before or after scale and mask
  bool maskFits = false;                   // the masks' sum has the scores' length both ways; else it must be expanded
  std::vector<graph::Node*> nodes;         // what the fused operator stands for, in no order
};

struct AttentionMatch {
  std::optional<AttentionBlock> block;
  std::string why;  // what stood in the way; empty when this is no attention at all
};

// Whether several heads of the query may share one of key and value (grouped-query attention: Ainslie et al., GQA), or
// those are taken as repeated by the graph.
enum class KeyHeads { Repeated, Shared };

// The attention around a Softmax. Holds for every size of the open dims.
AttentionMatch matchAttention(const graph::Graph& graph, const SymbolicShapes& shapes, graph::Node& softmax,
                              KeyHeads keyHeads = KeyHeads::Repeated);

}  // namespace ridgeline::advisor
