#include "advisor/rules/freeze_weights.h"

#include <algorithm>
#include <unordered_set>

namespace ridgeline::advisor {
namespace {

using graph::Graph;

class FreezeWeightsRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "freeze-weights", RuleKind::Folding, false, "make weights that are also inputs of the model constants", {}};
    return info;
  }

  // What the engine gains from it is not known before it has been tried.
  Result<std::vector<Opportunity>> find(Graph& graph, const Subject&, std::vector<NearMiss>*) const override {
    std::vector<Opportunity> found;
    auto weights = overridableWeights(graph);
    if (weights.empty()) return found;
    Opportunity o;
    o.rule = info().name;
    o.target = fmt::format("{} weight{}", weights.size(), weights.size() == 1 ? "" : "s");
    o.places = std::move(weights);
    o.evidence.push_back(
        "the file lists them as inputs too, so that a run may replace them: neither the engine nor a "
        "rule may fold, fuse or quantize them");
    o.risk = "a program that feeds its own values for these weights no longer can";
    found.push_back(std::move(o));
    return found;
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject&) const override {
    const std::unordered_set<std::string> frozen(opportunity.places.begin(), opportunity.places.end());
    auto& inputs = *graph.model().graphProto().mutable_input();
    const auto end = std::stable_partition(inputs.pointer_begin(), inputs.pointer_end(),
                                           [&](const auto* port) { return !frozen.contains(port->name()); });
    const auto count = static_cast<int>(inputs.pointer_end() - end);
    inputs.DeleteSubrange(inputs.size() - count, count);
    return count;
  }
};

}  // namespace

std::vector<std::string> overridableWeights(const Graph& graph) {
  std::vector<std::string> names;
  for (const auto& input : graph.model().graphProto().input()) {
    const auto& name = input.name();
    if (!graph.isGraphInput(name) && !graph.isConstant(name)) names.push_back(name);
  }
  return names;
}

std::unique_ptr<Rule> makeFreezeWeightsRule() { return std::make_unique<FreezeWeightsRule>(); }

}  // namespace ridgeline::advisor
