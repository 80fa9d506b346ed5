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
    const ConstantRegion region(graph, subject);
    if (region.frontier().empty()) return std::vector<Opportunity>{};
    Opportunity o = removalOf(region.frontier(), info(), subject);
    o.target = countByType(region.nodes());
    o.predictedGainMs = subject.time(region.nodes());
    o.evidence.push_back(fmt::format("{} nodes give the same values in every run", region.nodes().size()));
    if (region.shapesRead() > 0) {
      o.evidence.push_back(
          fmt::format("{} of them read shapes that {}", region.shapesRead(),
                      subject.pinnedShapes ? "are pinned: the result holds for these shapes only" : "the file fixes"));
    }
    return std::vector{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    const std::vector<Node*> chosen = nodesAt(graph, opportunity.places);
    const ConstantRegion region(graph, subject);
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
};

}  // namespace

std::unique_ptr<Rule> makeFoldConstantsRule() { return std::make_unique<FoldConstantsRule>(); }

}  // namespace ridgeline::advisor
