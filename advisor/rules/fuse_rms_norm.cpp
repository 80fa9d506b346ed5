#include "advisor/rules/fuse_rms_norm.h"

#include "advisor/rules/fuse_norm_match.h"
#include "advisor/rules/fusion_rule.h"

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;

class FuseRmsNormRule : public FusionRule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "fuse-rms-norm", RuleKind::Fusion, false, "compute RMS normalization in one operator", {}};
    return info;
  }

 private:
  std::vector<std::string> anchorTypes() const override { return {"Div", "Mul"}; }
  std::string fusedOperator() const override { return "SimplifiedLayerNormalization"; }

  Look look(const Graph& graph, const SymbolicShapes& shapes, Node& anchor) const override {
    NormMatch match = matchNorm(graph, shapes, anchor, Centered::No);
    if (!match.block) return {std::nullopt, std::move(match.why)};
    return {Place{match.block->nodes, fmt::format("RMS normalization of {}", match.block->width)}, {}};
  }

  Rewriter rewriter(Graph& graph) const override {
    return [&graph, shapes = std::make_shared<SymbolicShapes>(graph)](Node& anchor) {
      const NormMatch match = matchNorm(graph, *shapes, anchor, Centered::No);
      if (!match.block) return false;
      const NormBlock& block = *match.block;
      graph::NodeSpec spec{"SimplifiedLayerNormalization", {block.x, weightOf(graph, block)}, {}, {}, {}, {}};
      spec.attributes = {{"axis", int64_t{-1}}, {"epsilon", static_cast<float>(block.epsilon)}};
      const std::string result = block.last->output(0);
      graph.replaceTensor(result, addNamed(graph, std::move(spec), result + "_normalized"));
      graph.removeDead();
      return true;
    };
  }
};

}  // namespace

std::unique_ptr<Rule> makeFuseRmsNormRule() { return std::make_unique<FuseRmsNormRule>(); }

}  // namespace ridgeline::advisor
