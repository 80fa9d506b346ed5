#include "advisor/rules/fuse_attention.h"

#include "advisor/rules/fuse_attention_match.h"
#include "advisor/rules/fuse_attention_result.h"
#include "advisor/rules/fusion_rule.h"

#include <map>
#include <tuple>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;

// Puts MultiHeadAttention in the place of blocks, and remembers the masks it has expanded: layers share theirs.
class AttentionRewriter {
 public:
  explicit AttentionRewriter(Graph& graph) : m_graph(graph), m_shapes(graph) {}

  bool rewrite(Node& softmax) {
    const AttentionMatch match = matchAttention(m_graph, m_shapes, softmax);
    if (match.block) rewrite(*match.block);
    return match.block.has_value();
  }

 private:
  void rewrite(const AttentionBlock& block) {
    m_graph.model().requireOpset(kContribDomain, 1);
    const bool cached = !block.key.past.empty();
    // Keys and values that nobody splits from a projection here are handed over as they are.
    const bool asTheyAre = !cached && block.key.split.empty() && block.value.split.empty();
    const std::string query = merged(block.query, block.heads * block.headSize);
    const std::string key = asTheyAre ? block.key.ready : merged(block.key, block.heads * block.headSize);
    const std::string value = asTheyAre ? block.value.ready : merged(block.value, block.heads * block.valueSize);
    m_columnAxis = asTheyAre ? 2 : 1;
    const std::string mask = fittingMask(block, query, key);

    graph::NodeSpec spec{"MultiHeadAttention", {query, key, value}, {}, {}, kContribDomain, {}};
    if (!mask.empty() || cached) spec.inputs.insert(spec.inputs.end(), {"", "", mask});
    if (cached) spec.inputs.insert(spec.inputs.end(), {block.key.past, block.value.past});
    spec.attributes = {{"num_heads", block.heads}, {"scale", static_cast<float>(block.scale)}};
    std::vector<std::string> made{m_graph.uniqueName(block.output->output(0) + "_attention")};
    if (cached) {
      made.push_back(m_graph.uniqueName(block.key.present));
      made.push_back(m_graph.uniqueName(block.value.present));
    }
    spec.outputs = made;
    m_graph.addNode(std::move(spec));
    handOnAttention(m_graph, m_shapes, block, made.front());
    answerShapes(block, query, key);
    if (cached) {
      m_graph.replaceTensor(block.key.present, made[1]);
      m_graph.replaceTensor(block.value.present, made[2]);
    }
    m_graph.removeDead();
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
    if (block.added.empty() && block.keep.empty()) return {};
    const auto memo = std::tuple(block.added, block.keep, block.fill, block.queryLength, block.keyLength);
    if (const auto known = m_masks.find(memo); known != m_masks.end()) return known->second;
    std::string mask = block.added.empty() ? std::string() : block.added.front();
    for (size_t i = 1; i < block.added.size(); ++i) {
      mask = addNamed(m_graph, {"Add", {mask, block.added[i]}, {}, {}, {}, {}}, mask + "_sum");
    }
    if (!block.keep.empty()) {
      const std::string zero = m_graph.addInitializer("zero", graph::Tensor::scalar(0));
      const std::string other = mask;
      mask = addNamed(m_graph, {"Where", {block.keep, zero, block.fill}, {}, {}, {}, {}}, block.keep + "_mask");
      if (!other.empty()) mask = addNamed(m_graph, {"Add", {mask, other}, {}, {}, {}, {}}, mask + "_sum");
    }
    if (!block.maskFits) {
      const std::string shape = addNamed(m_graph,
                                         {"Concat",
                                          {addInts(m_graph, {1, 1}, "ones"), sizeOf(query, 1), columns(block, key)},
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
    const std::string shape =
        addNamed(m_graph,
                 {"Concat",
                  {sizeOf(query, 0), addInts(m_graph, {block.heads}, "heads"), sizeOf(query, 1), columns(block, key)},
                  {},
                  {{"axis", int64_t{0}}},
                  {},
                  {}},
                 "scores_shape");
    for (const Node* reader : block.shapeReaders) m_graph.replaceTensor(reader->output(0), shape);
  }

  Graph& m_graph;
  SymbolicShapes m_shapes;  // of the graph before the first edit: what is left of it later keeps its shapes
  std::map<std::tuple<std::vector<std::string>, std::string, std::string, Dim, Dim>, std::string> m_masks;
  int64_t m_columnAxis = 1;  // of the key as it is handed over
};

class FuseAttentionRule : public FusionRule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"fuse-attention",
                               RuleKind::Fusion,
                               false,
                               "compute attention in one operator instead of products, softmax and transposes",
                               {"fuse-rotary"}};
    return info;
  }

 private:
  std::vector<std::string> anchorTypes() const override { return {"Softmax"}; }
  std::string fusedOperator() const override { return "MultiHeadAttention"; }

  Look look(const Graph& graph, const SymbolicShapes& shapes, Node& softmax) const override {
    AttentionMatch match = matchAttention(graph, shapes, softmax);
    if (!match.block) return {std::nullopt, std::move(match.why)};
    const AttentionBlock& block = *match.block;
    return {Place{block.nodes, fmt::format("attention with {} heads of {}{}", block.heads, block.headSize,
                                           block.key.past.empty() ? "" : " and a cache")},
            {}};
  }

  Rewriter rewriter(Graph& graph) const override {
    return [state = std::make_shared<AttentionRewriter>(graph)](Node& softmax) { return state->rewrite(softmax); };
  }
};

}  // namespace

std::unique_ptr<Rule> makeFuseAttentionRule() { return std::make_unique<FuseAttentionRule>(); }

}  // namespace ridgeline::advisor
