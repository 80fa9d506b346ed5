#include "advisor/rules/remove_noops.h"

#include "advisor/rules/noops.h"
#include "advisor/rules/places.h"

#include <set>

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
    const Idle always = idleIn(graph, subject, false);
    std::vector<Opportunity> found;
    if (!always.empty()) found.push_back(describe(graph, always, subject));
    if (!subject.pinnedShapes) return found;

    Idle here = idleIn(graph, subject, true);
    const std::set<Node*> known = [&] {
      const auto all = always.all();
      return std::set<Node*>(all.begin(), all.end());
    }();
    std::erase_if(here.idle, [&](Node* n) { return known.contains(n); });
    std::erase_if(here.bypassed, [&](Node* n) { return known.contains(n); });
    if (!here.empty()) {
      found.push_back(describe(graph, here, subject));
      found.back().variant = PinnedVariant;
      found.back().risk = PinnedRisk;
    }
    return found;
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    int count = 0;
    for (Node* node : nodesAt(graph, opportunity.places)) {
      // Anew for each: what it remembers of shapes is by name, and names move.
      NoopFinder finder(graph, subject, opportunity.variant == PinnedVariant);
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

 private:
  struct Idle {
    std::vector<Node*> idle, bypassed;
    bool empty() const { return idle.empty() && bypassed.empty(); }
    std::vector<Node*> all() const {
      std::vector<Node*> nodes = idle;
      nodes.insert(nodes.end(), bypassed.begin(), bypassed.end());
      return nodes;
    }
  };

  static Idle idleIn(const Graph& graph, const Subject& subject, bool pinned) {
    NoopFinder finder(graph, subject, pinned);
    Idle found;
    for (Node* node : graph.nodes()) {
      if (!finder.source(*node).empty()) {
        found.idle.push_back(node);
      } else if (!finder.earlierSource(*node).empty()) {
        found.bypassed.push_back(node);
      }
    }
    return found;
  }

  Opportunity describe(const Graph& graph, const Idle& nodes, const Subject& subject) const {
    Opportunity o = removalOf(nodes.all(), info(), subject);
    std::vector<Node*> vanishing = nodes.idle;
    for (const Node* node : nodes.bypassed) vanishing.push_back(graph.producer(node->input(0)));
    o.predictedGainMs = subject.time(vanishing);
    if (!nodes.idle.empty()) {
      o.evidence.push_back(fmt::format("{} nodes leave value, type and shape as they are", nodes.idle.size()));
    }
    if (!nodes.bypassed.empty()) {
      o.evidence.push_back(
          fmt::format("{} Reshape nodes overwrite the shape that the node before gave", nodes.bypassed.size()));
    }
    return o;
  }
};

}  // namespace

std::unique_ptr<Rule> makeRemoveNoopsRule() { return std::make_unique<RemoveNoopsRule>(); }

}  // namespace ridgeline::advisor
