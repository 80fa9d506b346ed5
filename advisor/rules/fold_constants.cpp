#include "advisor/rules/fold_constants.h"

#include "advisor/rules/constant_region.h"
#include "advisor/rules/places.h"

#include <algorithm>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;

class FoldConstantsRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "fold-constants", RuleKind::Folding, false, "compute ahead what does not depend on the inputs", {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject, std::vector<NearMiss>*) const override {
    std::vector<Opportunity> found;
    const ConstantRegion always(graph, subject, false);
    if (!always.frontier().empty()) found.push_back(describe(always.frontier(), always.nodes(), subject));
    if (!subject.pinnedShapes) return found;

    const ConstantRegion here(graph, subject, true);
    const auto frontier = without(here.frontier(), always.frontier());
    if (!frontier.empty()) {
      found.push_back(describe(frontier, without(here.nodes(), always.nodes()), subject));
      found.back().variant = PinnedVariant;
      found.back().risk = PinnedRisk;
    }
    return found;
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    const std::vector<Node*> chosen = nodesAt(graph, opportunity.places);
    const ConstantRegion region(graph, subject, opportunity.variant == PinnedVariant);
    std::vector<Node*> wanted;
    std::ranges::copy_if(region.frontier(), std::back_inserter(wanted),
                         [&](Node* node) { return std::ranges::find(chosen, node) != chosen.end(); });
    if (wanted.empty()) return 0;
    auto values = region.evaluate(wanted);
    if (!values) return passOn(values);
    for (const auto& [name, value] : *values) graph.replaceTensor(name, graph.addInitializer(name, value));
    graph.removeDead();
    return static_cast<int>(wanted.size());
  }

 private:
  static std::vector<Node*> without(std::vector<Node*> nodes, const std::vector<Node*>& others) {
    std::erase_if(nodes, [&](Node* n) { return std::ranges::find(others, n) != others.end(); });
    return nodes;
  }

  Opportunity describe(const std::vector<Node*>& frontier, const std::vector<Node*>& nodes,
                       const Subject& subject) const {
    Opportunity o = removalOf(frontier, info(), subject);
    o.target = countByType(nodes);
    o.predictedGainMs = subject.time(nodes);
    o.evidence.push_back(fmt::format("{} nodes give the same values in every run", nodes.size()));
    const auto shapes = std::ranges::count_if(nodes, [](const Node* n) { return graph::isOp(*n, "Shape"); });
    if (shapes > 0) o.evidence.push_back(fmt::format("{} of them read a shape that is fixed", shapes));
    return o;
  }
};

}  // namespace

std::unique_ptr<Rule> makeFoldConstantsRule() { return std::make_unique<FoldConstantsRule>(); }

}  // namespace ridgeline::advisor
