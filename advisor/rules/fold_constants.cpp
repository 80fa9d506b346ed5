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

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    const ConstantRegion region(graph, subject, false);
    if (nearMisses) tellOpenShapes(graph, subject, region, *nearMisses);
    if (region.frontier().empty()) return std::vector<Opportunity>{};
    return std::vector{describe(region.frontier(), region.nodes(), subject)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    const std::vector<Node*> chosen = nodesAt(graph, opportunity.places);
    const ConstantRegion region(graph, subject, false);
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
  void tellOpenShapes(const Graph& graph, const Subject& subject, const ConstantRegion& always,
                      std::vector<NearMiss>& nearMisses) const {
    const ConstantRegion here(graph, subject, true);
    const size_t more = here.nodes().size() - std::min(always.nodes().size(), here.nodes().size());
    if (more == 0 || here.frontier().empty()) return;
    nearMisses.push_back({info().name, graph::idOf(*here.frontier().front()),
                          fmt::format("{} nodes, this one among them, compute only with shapes, which the file leaves "
                                      "open; --pin-shapes fixes them",
                                      more)});
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
