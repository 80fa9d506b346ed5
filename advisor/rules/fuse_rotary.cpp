#include "advisor/rules/fuse_rotary.h"

#include "advisor/rules/fuse_rotary_match.h"
#include "advisor/rules/fusion_rule.h"

#include <map>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;
using graph::Tensor;

// Puts RotaryEmbedding in the place of blocks. Blocks with the same angles share one table of cosines and sines.
class RotaryRewriter {
 public:
  explicit RotaryRewriter(Graph& graph) : m_graph(graph), m_shapes(graph) {}

  bool rewrite(Node& sum) {
    const RotaryMatch match = matchRotary(m_graph, m_shapes, sum);
    if (match.block) rewrite(*match.block);
    return match.block.has_value();
  }

 private:
  struct Table {
    std::string cos, sin, positions;
  };

  void rewrite(const RotaryBlock& block) {
    m_graph.model().requireOpset(kContribDomain, 1);
    const Table table = tableOf(block);
    const std::string x = block.reshape ? block.reshape->input(0) : block.x;
    graph::NodeSpec spec{"RotaryEmbedding", {x, table.positions, table.cos, table.sin}, {}, {}, kContribDomain, {}};
    spec.attributes = {{"interleaved", int64_t{0}}, {"num_heads", block.heads}};
    std::string made = m_graph.uniqueName(block.sum->output(0) + "_rotated");
    spec.outputs = {made};
    m_graph.addNode(std::move(spec));
    if (block.reshape) {
      // Rotating the projection before its heads are split leaves the split where attention looks for it.
      made = add("Reshape", {made, block.reshape->input(1)}, made + "_split");
      graph::Node* const split = m_graph.producer(made);
      if (const auto* zero = graph::findAttribute(*block.reshape, "allowzero")) *split->add_attribute() = *zero;
      made = add("Transpose", {made}, made + "_heads", {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
    }
    m_graph.replaceTensor(block.sum->output(0), made);
    m_graph.removeDead();
  }

  std::string add(const std::string& op, std::vector<std::string> inputs, std::string_view hint,
                  std::vector<std::pair<std::string, graph::AttributeValue>> attributes = {}) {
    return addNamed(m_graph, {op, std::move(inputs), {}, std::move(attributes), {}, {}}, hint);
  }
  std::string ints(const std::vector<int64_t>& values, std::string_view hint) { return addInts(m_graph, values, hint); }

  // A row for each angle row of the batch, in order, and the row that each position of each sequence reads.
  Table tableOf(const RotaryBlock& block) {
    if (const auto known = m_tables.find(block.angles); known != m_tables.end()) return known->second;
    const std::string rows =
        add("Reshape", {block.angles, ints({-1, block.headSize / 2}, "rotary_shape")}, block.angles + "_rows");
    Table table{add("Cos", {rows}, block.angles + "_cos"), add("Sin", {rows}, block.angles + "_sin"), {}};
    if (block.sharedPositions) {
      table.positions = ints({0}, "first_position");  // one number: where every sequence begins
    } else {
      const std::string shape = add("Shape", {block.angles}, block.angles + "_shape");
      const std::string size =
          add("Slice", {shape, ints({0}, "zero"), ints({2}, "two"), ints({0}, "zero")}, "positions_shape");
      const std::string count = add("ReduceProd", {size}, "positions_count", {{"keepdims", int64_t{0}}});
      const std::string from = m_graph.addInitializer("from", scalarInt(0)),
                        step = m_graph.addInitializer("step", scalarInt(1));
      table.positions = add("Reshape", {add("Range", {from, count, step}, "positions_range"), size}, "positions");
    }
    return m_tables[block.angles] = table;
  }

  static Tensor scalarInt(int64_t value) { return Tensor::of<int64_t>({}, {&value, 1}); }

  Graph& m_graph;
  SymbolicShapes m_shapes;  // of the graph before the first edit: what is left of it later keeps its shapes
  std::map<std::string, Table> m_tables;
};

class FuseRotaryRule : public FusionRule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "fuse-rotary", RuleKind::Fusion, false, "compute rotary position embeddings in one operator", {}};
    return info;
  }

 private:
  std::vector<std::string> anchorTypes() const override { return {"Add"}; }
  std::string fusedOperator() const override { return "RotaryEmbedding"; }

  Look look(const Graph& graph, const SymbolicShapes& shapes, Node& sum) const override {
    if (graph.model().opset() < 11) return {};  // Range is written out for positions
    RotaryMatch match = matchRotary(graph, shapes, sum);
    if (!match.block) return {std::nullopt, std::move(match.why)};
    const RotaryBlock& block = *match.block;
    return {Place{block.nodes, fmt::format("rotary embedding of {} heads of {}", block.heads, block.headSize)}, {}};
  }

  Rewriter rewriter(Graph& graph) const override {
    return [state = std::make_shared<RotaryRewriter>(graph)](Node& sum) { return state->rewrite(sum); };
  }
};

}  // namespace

std::unique_ptr<Rule> makeFuseRotaryRule() { return std::make_unique<FuseRotaryRule>(); }

}  // namespace ridgeline::advisor
