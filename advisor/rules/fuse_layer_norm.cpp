#include "advisor/rules/fuse_layer_norm.h"

#include "advisor/rules/fuse_norm_match.h"
#include "advisor/rules/fusion_rule.h"

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;

NormMatch matchAny(const Graph& graph, const SymbolicShapes& shapes, Node& anchor) {
  if (graph::isOp(anchor, "Add")) return matchFoldedNorm(graph, shapes, anchor);
  return matchNorm(graph, shapes, anchor, Centered::Yes);
}

class FuseLayerNormRule : public FusionRule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "fuse-layer-norm", RuleKind::Fusion, false, "compute layer normalization in one operator", {}};
    return info;
  }

 private:
  std::vector<std::string> anchorTypes() const override { return {"Div", "Mul", "Add"}; }
  std::string fusedOperator() const override { return "LayerNormalization"; }

  Look look(const Graph& graph, const SymbolicShapes& shapes, Node& anchor) const override {
    NormMatch match = matchAny(graph, shapes, anchor);
    if (!match.block) return {std::nullopt, std::move(match.why)};
    return {Place{match.block->nodes, fmt::format("layer normalization of {}", match.block->width)}, {}};
  }

  Rewriter rewriter(Graph& graph) const override {
    return [&graph, shapes = std::make_shared<SymbolicShapes>(graph)](Node& anchor) {
      const NormMatch match = matchAny(graph, *shapes, anchor);
      if (!match.block) return false;
      const NormBlock& block = *match.block;
      graph::NodeSpec spec{"LayerNormalization", {block.x, weightOf(graph, block)}, {}, {}, {}, {}};
      if (!block.bias.empty()) spec.inputs.push_back(block.bias);
      spec.attributes = {{"axis", int64_t{-1}}, {"epsilon", static_cast<float>(block.epsilon)}};
      const std::string result = block.last->output(0);
      graph.replaceTensor(result, addNamed(graph, std::move(spec), result + "_normalized"));
      graph.removeDead();
      return true;
    };
  }
};

}  // namespace

std::unique_ptr<Rule> makeFuseLayerNormRule() { return std::make_unique<FuseLayerNormRule>(); }

}  // namespace ridgeline::advisor
