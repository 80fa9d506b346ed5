#include "advisor/rules/fuse_quantized_attention_match.h"

#include "advisor/rules/constant_behind.h"
#include "advisor/rules/fusion_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::isOp;
using graph::Node;

std::string inputOf(const Node& node, int index) { return index < node.input_size() ? node.input(index) : ""; }

QuantizedAttentionMatch no(std::string why) { return {std::nullopt, std::move(why)}; }

// The operator's own default; another one it does not take.
bool isUsualScale(double scale, int64_t headSize) {
  const double usual = 1 / std::sqrt(static_cast<double>(headSize));
  return std::abs(scale - usual) <= 1e-4 * usual;
}

bool findProducts(const Graph& graph, const std::array<std::string, 3>& operands, QuantizedAttention& found) {
  for (size_t i = 0; i < 3; ++i) {
    found.products[i] = graph.producer(operands[i]);
    if (!found.products[i] || !isOp(*found.products[i], "MatMulIntegerToFloat", kContribDomain)) return false;
  }
  return true;
}

// Who asks for the shape only, to split the heads by it, is gone once the heads are no longer split.
bool isReadElsewhere(const Graph& graph, const std::string& tensor) {
  const auto readers = graph.consumers(tensor);
  const auto asks = std::ranges::count_if(readers, [](const Node* reader) { return isOp(*reader, "Shape"); });
  return graph.isGraphOutput(tensor) || static_cast<long>(readers.size()) - asks != 1;
}

std::string checkProducts(const Graph& graph, QuantizedAttention& found) {
  graph::Dims dims;
  for (Node* product : found.products) {
    for (const int shared : {0, 2, 4}) {
      if (inputOf(*product, shared) != inputOf(found.first(), shared)) {
        return "query, key and value are products of different tensors";
      }
    }
    const auto weight = graph.constantDims(constantBehind(graph, inputOf(*product, 1)));
    if (!weight || weight->size() != 2) return "a weight is not a constant matrix";
    if (!dims.empty() && dims != *weight) return "query, key and value differ in width";
    dims = *weight;
    for (const int constant : {2, 3, 4, 5, 6}) {
      const auto name = inputOf(*product, constant);
      if (!name.empty() && constantBehind(graph, name).empty()) return fmt::format("{} is not a constant", name);
    }
    if (!inputOf(*product, 5).empty()) return "the weights have a zero point";
    if (isReadElsewhere(graph, product->output(0))) return fmt::format("{} is also read elsewhere", product->output(0));
  }
  if (found.products[0] == found.products[1] || found.products[1] == found.products[2] ||
      found.products[0] == found.products[2]) {
    return "query, key and value are one product";
  }
  found.width = dims.back();
  if (found.heads <= 0 || found.width % found.heads != 0) return "the heads do not divide the width";
  return {};
}

QuantizedAttentionMatch finish(const Graph& graph, const SymbolicShapes& shapes, QuantizedAttention found,
                               const std::string& added, double scale) {
  if (auto why = checkProducts(graph, found); !why.empty()) return no(std::move(why));
  if (!isUsualScale(scale, found.width / found.heads)) return no(fmt::format("scores are scaled by {:.4g}", scale));
  if (!added.empty()) {
    found.mask = paddingMaskOf(graph, shapes, added);
    if (!found.mask) return no("the mask is not one of padding, (1 - tokens) times a low number");
  }
  return {std::move(found), {}};
}

QuantizedAttentionMatch matchWritten(const Graph& graph, const SymbolicShapes& shapes, Node& softmax) {
  auto match = matchAttention(graph, shapes, softmax);
  if (!match.block) return {};
  QuantizedAttention found;
  const AttentionBlock& block = *match.block;
  found.heads = block.heads;
  if (!findProducts(graph, {block.query.merged, block.key.merged, block.value.merged}, found)) return {};
  if (!block.key.past.empty()) return no("there is a cache of keys and values");
  if (!block.keep.empty()) return no("scores are replaced rather than lowered");
  if (!block.shapeReaders.empty()) return no("the shape of the scores is read elsewhere");
  if (block.headSize != block.valueSize) return no("values and keys differ in size");
  if (block.added.size() > 1) return no("several masks are added to the scores");
  const auto added = block.added.empty() ? std::string() : block.added.front();
  const double scale = block.scale;
  found.block = std::move(match.block);
  return finish(graph, shapes, std::move(found), added, scale);
}

// MultiHeadAttention, or ONNX's own Attention: the mask that is added is another input.
QuantizedAttentionMatch matchFused(const Graph& graph, const SymbolicShapes& shapes, Node& node) {
  QuantizedAttention found;
  found.fused = &node;
  const bool onnx = isOp(node, "Attention");
  found.heads = graph::intAttribute(node, onnx ? "q_num_heads" : "num_heads", 0);
  if (!findProducts(graph, {inputOf(node, 0), inputOf(node, 1), inputOf(node, 2)}, found)) return {};
  const int mask = onnx ? 3 : 5;
  for (int extra = 3; extra < node.input_size(); ++extra) {
    if (extra == mask || node.input(extra).empty()) continue;
    return no("the fused operator has a bias, a cache or a mask of its own");
  }
  if (node.output_size() != 1) return no("there is a cache of keys and values");
  for (const char* hides : {"unidirectional", "is_causal"}) {
    if (graph::intAttribute(node, hides, 0) != 0) return no("it is causal");
  }
  if (onnx && graph::intAttribute(node, "kv_num_heads", 0) != found.heads) return no("heads of keys are shared");
  if (graph::floatAttribute(node, "softcap", 0) != 0) return no("scores are capped");
  if (found.heads <= 0) return no("there are no heads");
  const auto weight = graph.constantDims(constantBehind(graph, inputOf(found.first(), 1)));
  const int64_t headSize = weight && weight->size() == 2 ? weight->back() / found.heads : 0;
  if (headSize <= 0) return no("a weight is not a constant matrix");
  const float scale = graph::floatAttribute(node, "scale", 0);
  const double usual = 1 / std::sqrt(static_cast<double>(headSize));
  return finish(graph, shapes, std::move(found), inputOf(node, mask), scale == 0 ? usual : scale);
}

}  // namespace

QuantizedAttentionMatch matchQuantizedAttention(const Graph& graph, const SymbolicShapes& shapes, Node& anchor) {
  return isOp(anchor, "Softmax") ? matchWritten(graph, shapes, anchor) : matchFused(graph, shapes, anchor);
}

}  // namespace ridgeline::advisor
