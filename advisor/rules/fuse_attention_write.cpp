#include "advisor/rules/fuse_attention_write.h"

#include "advisor/rules/fuse_attention_match.h"
#include "advisor/rules/fuse_attention_result.h"
#include "advisor/rules/fusion_rule.h"
#include "advisor/rules/raise_opset.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

class AttentionWriter {
 public:
  AttentionWriter(Graph& graph, AttentionOperator with) : m_graph(graph), m_shapes(graph), m_with(with) {}

  bool rewrite(Node& softmax) {
    const bool onnx = m_with == AttentionOperator::Attention;
    const AttentionMatch match =
        matchAttention(m_graph, m_shapes, softmax, onnx ? KeyHeads::Shared : KeyHeads::Repeated);
    if (!match.block) return false;
    onnx ? toAttention(*match.block) : toMultiHeadAttention(*match.block);
    m_graph.removeDead();
    return true;
  }

 private:
  void toMultiHeadAttention(const AttentionBlock& block) {
    m_graph.model().requireOpset(kContribDomain, 1);
    const bool cached = !block.key.past.empty();
    // Keys and values that nobody splits from a projection here are handed over as they are.
    const bool asTheyAre = !cached && block.key.split.empty() && block.value.split.empty();
    const std::string query = merged(block.query, block.heads * block.headSize);
    const std::string key = asTheyAre ? block.key.ready : merged(block.key, block.heads * block.headSize);
    const std::string value = asTheyAre ? block.value.ready : merged(block.value, block.heads * block.valueSize);
    m_rowAxis = 1, m_columnAxis = asTheyAre ? 2 : 1;
    const std::string mask = fittingMask(block, query, key);

    graph::NodeSpec spec{"MultiHeadAttention", {query, key, value}, {}, {}, kContribDomain, {}};
    if (!mask.empty() || cached) spec.inputs.insert(spec.inputs.end(), {"", "", mask});
    spec.attributes = {{"num_heads", block.heads}, {"scale", static_cast<float>(block.scale)}};
    const std::string made = addCached(block, std::move(spec));
    handOnAttention(m_graph, m_shapes, block, made);
    answerShapes(block, query, key);
  }

  // The operator takes heads beside each other or apart, the same for all three.
  void toAttention(const AttentionBlock& block) {
    raiseOpset(m_graph, kAttentionOpset);
    const bool together = !block.query.merged.empty() && !block.key.merged.empty() && !block.value.merged.empty();
    const auto handed = [&](const HeadTensor& operand, int64_t heads, int64_t size) {
      return together ? ofWidth(operand.merged, heads * size) : apart(operand);
    };
    const std::string query = handed(block.query, block.heads, block.headSize);
    const std::string key = handed(block.key, block.keyHeads, block.headSize);
    const std::string value = handed(block.value, block.keyHeads, block.valueSize);
    m_rowAxis = m_columnAxis = together ? 1 : 2;
    const std::string mask = fittingMask(block, query, key);

    graph::NodeSpec spec{"Attention", {query, key, value}, {}, {}, {}, {}};
    if (!mask.empty() || !block.key.past.empty()) spec.inputs.push_back(mask);
    spec.attributes = {{"scale", static_cast<float>(block.scale)}};
    if (together) {
      spec.attributes.emplace_back("q_num_heads", block.heads);
      spec.attributes.emplace_back("kv_num_heads", block.keyHeads);
    }
    const std::string made = addCached(block, std::move(spec));
    if (together) {
      handOnAttention(m_graph, m_shapes, block, made);
    } else {
      m_graph.replaceTensor(block.output->input(0), made);
    }
    answerShapes(block, query, key);
  }

  // Adds the operator, with the cache it reads and makes; returns its result.
  std::string addCached(const AttentionBlock& block, graph::NodeSpec spec) {
    const bool cached = !block.key.past.empty();
    spec.outputs = {m_graph.uniqueName(block.output->output(0) + "_attention")};
    if (cached) {
      spec.inputs.insert(spec.inputs.end(), {block.key.past, block.value.past});
      spec.outputs.push_back(m_graph.uniqueName(block.key.present));
      spec.outputs.push_back(m_graph.uniqueName(block.value.present));
    }
    const auto made = spec.outputs;
    m_graph.addNode(std::move(spec));
    if (cached) {
      m_graph.replaceTensor(block.key.present, made[1]);
      m_graph.replaceTensor(block.value.present, made[2]);
    }
    return made.front();
  }

  // Engines take a width that they do not see as 0 in the result's, and refuse the model: it is stated behind all that
  // does not say it at first glance, as a Slice by computed bounds.
  std::string ofWidth(const std::string& tensor, int64_t width) {
    constexpr auto kClear = std::to_array<std::string_view>(
        {"MatMul", "Add", "Gemm", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "MatMulNBits", "Split"});
    const Node* const maker = m_graph.producer(tensor);
    if (maker && std::ranges::find(kClear, maker->op_type()) != kClear.end()) return tensor;
    return addNamed(m_graph, {"Reshape", {tensor, addInts(m_graph, {0, 0, width}, "of_width")}, {}, {}, {}, {}},
                    tensor + "_of_width");
  }

  // (batch, heads, length, size), from whichever form there is.
  std::string apart(const HeadTensor& operand) {
    if (!operand.ready.empty()) return operand.ready;
    return addNamed(m_graph, {"Transpose", {operand.split}, {}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}}, {}, {}},
                    operand.split + "_heads");
  }

  // (batch, length, heads x size), from whichever form there is.
  std::string merged(const HeadTensor& operand, int64_t width) {
    if (!operand.merged.empty()) return operand.merged;
    std::string split = operand.split;
    if (split.empty()) {
      split =
          addNamed(m_graph, {"Transpose", {operand.ready}, {}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}}, {}, {}},
                   operand.ready + "_split");
    }
    return addNamed(m_graph, {"Reshape", {split, addInts(m_graph, {0, 0, width}, "merged_shape")}, {}, {}, {}, {}},
                    split + "_merged");
  }

  std::string sizeOf(const std::string& tensor, int64_t axis) {
    const std::string shape = addNamed(m_graph, {"Shape", {tensor}, {}, {}, {}, {}}, tensor + "_shape");
    return addNamed(
        m_graph,
        {"Slice",
         {shape, addInts(m_graph, {axis}, "from"), addInts(m_graph, {axis + 1}, "to"), addInts(m_graph, {0}, "axis")},
         {},
         {},
         {},
         {}},
        tensor + "_size");
  }

  // The operator wants a row for each query and a column for each key; batch and heads it broadcasts itself.
  std::string fittingMask(const AttentionBlock& block, const std::string& query, const std::string& key) {
    const std::string& choice = block.keep.empty() ? block.hide : block.keep;
    if (block.added.empty() && choice.empty()) return {};
    const auto memo = std::tuple(block.added, block.keep, block.hide, block.fill, block.queryLength, block.keyLength);
    if (const auto known = m_masks.find(memo); known != m_masks.end()) return known->second;
    std::string mask = block.added.empty() ? std::string() : block.added.front();
    for (size_t i = 1; i < block.added.size(); ++i) {
      mask = addNamed(m_graph, {"Add", {mask, block.added[i]}, {}, {}, {}, {}}, mask + "_sum");
    }
    if (!choice.empty()) {
      const std::string zero = m_graph.addInitializer("zero", graph::Tensor::scalar(0));
      const std::string other = mask;
      std::vector<std::string> inputs{choice, zero, block.fill};
      if (block.keep.empty()) std::swap(inputs[1], inputs[2]);
      mask = addNamed(m_graph, {"Where", std::move(inputs), {}, {}, {}, {}}, choice + "_mask");
      if (!other.empty()) mask = addNamed(m_graph, {"Add", {mask, other}, {}, {}, {}, {}}, mask + "_sum");
    }
    if (!block.maskFits) {
      const std::string shape =
          addNamed(m_graph,
                   {"Concat",
                    {addInts(m_graph, {1, 1}, "ones"), sizeOf(query, m_rowAxis), columns(block, key)},
                    {},
                    {{"axis", int64_t{0}}},
                    {},
                    {}},
                   mask + "_shape");
      mask = addNamed(m_graph, {"Expand", {mask, shape}, {}, {}, {}, {}}, mask + "_expanded");
    }
    return m_masks[memo] = mask;
  }

  // How many keys there are, those of the cache included.
  std::string columns(const AttentionBlock& block, const std::string& key) {
    const std::string made = sizeOf(key, m_columnAxis);
    if (block.key.past.empty()) return made;
    return addNamed(m_graph, {"Add", {sizeOf(block.key.past, 2), made}, {}, {}, {}, {}}, "total_length");
  }

  // Nobody makes the scores any more: who asked for their shape gets it from query and key.
  void answerShapes(const AttentionBlock& block, const std::string& query, const std::string& key) {
    if (block.shapeReaders.empty()) return;
    const std::string shape = addNamed(
        m_graph,
        {"Concat",
         {sizeOf(query, 0), addInts(m_graph, {block.heads}, "heads"), sizeOf(query, m_rowAxis), columns(block, key)},
         {},
         {{"axis", int64_t{0}}},
         {},
         {}},
        "scores_shape");
    for (const Node* reader : block.shapeReaders) m_graph.replaceTensor(reader->output(0), shape);
  }

  Graph& m_graph;
  SymbolicShapes m_shapes;  // of the graph before the first edit: what is left of it later keeps its shapes
  std::map<std::tuple<std::vector<std::string>, std::string, std::string, std::string, Dim, Dim>, std::string> m_masks;
  AttentionOperator m_with;
  int64_t m_rowAxis = 1, m_columnAxis = 1;  // of query and key as they are handed over: their lengths
};

}  // namespace

std::function<bool(graph::Node&)> attentionWriter(Graph& graph, AttentionOperator with) {
  return [state = std::make_shared<AttentionWriter>(graph, with)](Node& softmax) { return state->rewrite(softmax); };
}

}  // namespace ridgeline::advisor
