// Attention over three INT8 products of one tensor.
#pragma once

#include "advisor/rules/fuse_attention_match.h"
#include "advisor/rules/padding_mask.h"

#include <array>
#include <optional>
#include <string>

namespace ridgeline::advisor {

struct QuantizedAttention {
  // MatMulIntegerToFloat of query, key and value: they share input, its scale and its zero point.
  std::array<graph::Node*, 3> products{};
  std::optional<PaddingMask> mask;
  int64_t heads = 0, width = 0;         // width: of query, key and value alike, all heads together
  std::optional<AttentionBlock> block;  // written out; else `fused` is the operator
  graph::Node* fused = nullptr;         // MultiHeadAttention, or ONNX's own Attention

  const graph::Node& first() const { return *products[0]; }
};

struct QuantizedAttentionMatch {
  std::optional<QuantizedAttention> attention;
  std::string why;  // what stood in the way; empty when this is no attention over INT8 products
};

// `anchor` is a Softmax, a MultiHeadAttention or an Attention of ONNX.
QuantizedAttentionMatch matchQuantizedAttention(const graph::Graph& graph, const SymbolicShapes& shapes,
                                                graph::Node& anchor);

}  // namespace ridgeline::advisor
