#include "advisor/rules/respell_operators.h"

#include "advisor/rules/fusion_rule.h"
#include "advisor/rules/quantization/survey.h"
#include "advisor/rules/respelling/respelling.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

// What other rewrites know need not be faster, but no slower either, beyond what timing can tell.
constexpr double kAsFast = 1.05;

class RespellOperatorsRule : public FusionRule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "respell-operators", RuleKind::Fusion, false, "spell operators that the engine is slow at in faster ones", {}};
    return info;
  }

 private:
  std::vector<std::string> anchorTypes() const override {
    std::vector<std::string> types;
    for (const Respelling* r : allRespellings()) types.emplace_back(r->opType);
    return types;
  }
  std::string fusedOperator() const override { return "faster operators"; }

  static const Respelling& respellingOf(const Node& anchor) {
    return **std::ranges::find_if(allRespellings(), [&](const auto* r) { return graph::isOp(anchor, r->opType); });
  }

  Look look(const Graph& graph, const SymbolicShapes& shapes, Node& anchor) const override {
    const auto& respelling = respellingOf(anchor);
    auto found = respelling.look(graph, shapes, anchor);
    if (found.nodes.empty()) return {std::nullopt, std::move(found.why)};
    const double most = respelling.unlocks ? kAsFast : quantization::kClearlyFaster;
    return {Place{std::move(found.nodes), std::move(found.kind), {}, most}, {}};
  }

  Rewriter rewriter(Graph& graph) const override {
    return [&graph, shapes = std::make_shared<SymbolicShapes>(graph)](Node& anchor) {
      const auto& respelling = respellingOf(anchor);
      if (respelling.look(graph, *shapes, anchor).nodes.empty()) return false;
      const std::string result = anchor.output(0);
      graph.replaceTensor(result, respelling.write(graph, *shapes, anchor));
      graph.removeDead();
      return true;
    };
  }
};

}  // namespace

std::unique_ptr<Rule> makeRespellOperatorsRule() { return std::make_unique<RespellOperatorsRule>(); }

}  // namespace ridgeline::advisor
