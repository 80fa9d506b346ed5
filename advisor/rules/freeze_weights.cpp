#include "advisor/rules/freeze_weights.h"

#include "advisor/short_look.h"
#include "base/counted.h"

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

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject, std::vector<NearMiss>*) const override {
    std::vector<Opportunity> found;
    auto weights = overridableWeights(graph);
    if (weights.empty()) return found;
    Opportunity o;
    o.rule = info().name;
    o.target = counted(weights.size(), "weight");
    o.places = std::move(weights);
    o.evidence.push_back(
        "the file lists them as inputs too, so that a run may replace them: neither the engine nor a "
        "rule may fold, fuse or quantize them");
    o.risk = "a program that feeds its own values for these weights no longer can";
    // What the engine makes of it nobody can tell who has not run it.
    if (subject.sample) {
      if (auto looked = predictByLooking(o, subject); !looked) return passOn(looked);
      o.predictedGainMs = std::max(o.predictedGainMs, 0.0);
    }
    found.push_back(std::move(o));
    return found;
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject&) const override {
    return freeze(graph.model(), opportunity.places);
  }

 private:
  static int freeze(graph::Model& model, const std::vector<std::string>& weights) {
    const std::unordered_set<std::string> frozen(weights.begin(), weights.end());
    auto& inputs = *model.graphProto().mutable_input();
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
