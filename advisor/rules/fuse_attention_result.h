#pragma once

#include "advisor/rules/fuse_attention_match.h"

#include <string>

namespace ridgeline::advisor {

// `made` (batch, length, heads x size) takes the place of the block's result. It has its heads merged; who wants them
// apart gets them apart. `shapes` are those of the graph as it was when the block was found.
void handOnAttention(graph::Graph& graph, const SymbolicShapes& shapes, const AttentionBlock& block,
                     const std::string& made);

}  // namespace ridgeline::advisor
