#include "advisor/rules/remove_noops.h"

#include "advisor/rules/noops.h"
#include "advisor/rules/places.h"

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;

class RemoveNoopsRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "remove-noops", RuleKind::Folding, false, "drop nodes that hand on what they are given", {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject, std::vector<NearMiss>*) const override {
    NoopFinder finder(graph, subject);
    std::vector<Node*> idle, bypassed;
    for (Node* node : graph.nodes()) {
      if (!finder.source(*node).empty()) {
        idle.push_back(node);
      } else if (!finder.earlierSource(*node).empty()) {
        bypassed.push_back(node);
      }
    }
    if (idle.empty() && bypassed.empty()) return std::vector<Opportunity>{};
    std::vector<Node*> all = idle;
    all.insert(all.end(), bypassed.begin(), bypassed.end());
    Opportunity o = removalOf(all, info(), subject);
    o.predictedGainMs = subject.time(idle);
    for (const Node* node : bypassed) {
      const Node* const previous = graph.producer(node->input(0));
      o.predictedGainMs += subject.time({const_cast<Node*>(previous)});
    }
    if (!idle.empty())
      o.evidence.push_back(fmt::format("{} nodes leave value, type and shape as they are", idle.size()));
    if (!bypassed.empty()) {
      o.evidence.push_back(
          fmt::format("{} Reshape nodes overwrite the shape that the node before gave", bypassed.size()));
    }
    if (subject.pinnedShapes) o.evidence.push_back("input shapes are pinned: the result holds for these shapes only");
    return std::vector{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    int count = 0;
    for (Node* node : nodesAt(graph, opportunity.places)) {
      // Anew for each: what it remembers of shapes is by name, and names move.
      NoopFinder finder(graph, subject);
      if (const std::string source = finder.source(*node); !source.empty()) {
        const std::string output = node->output(0);
        graph.replaceTensor(output, source);
        ++count;
      } else if (const std::string earlier = finder.earlierSource(*node); !earlier.empty()) {
        graph.setInput(node, 0, earlier);
        ++count;
      }
    }
    if (count > 0) graph.removeDead();
    return count;
  }
};

}  // namespace

std::unique_ptr<Rule> makeRemoveNoopsRule() { return std::make_unique<RemoveNoopsRule>(); }

}  // namespace ridgeline::advisor
