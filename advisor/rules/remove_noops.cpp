#include "advisor/rules/remove_noops.h"

#include "advisor/rules/noops.h"
#include "advisor/rules/places.h"

#include <algorithm>
#include <iterator>

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

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    const Idle found = idleIn(graph, subject, false);
    if (nearMisses) tellIdleHere(graph, subject, found, *nearMisses);
    if (found.empty()) return std::vector<Opportunity>{};
    return std::vector{describe(graph, found, subject)};
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
      } else if (const std::string narrow = finder.unexpanded(*node); !narrow.empty()) {
        graph.replaceTensor(std::string(node->output(0)), narrow);
        ++count;
      }
    }
    if (count > 0) graph.removeDead();
    return count;
  }

 private:
  struct Idle {
    std::vector<Node*> idle, bypassed, expanding;
    bool empty() const { return all().empty(); }
    std::vector<Node*> all() const {
      std::vector<Node*> nodes = idle;
      nodes.insert(nodes.end(), bypassed.begin(), bypassed.end());
      nodes.insert(nodes.end(), expanding.begin(), expanding.end());
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
      } else if (!finder.unexpanded(*node).empty()) {
        found.expanding.push_back(node);
      }
    }
    return found;
  }

  // What does nothing with the shapes of this run, and may do something with others.
  void tellIdleHere(const Graph& graph, const Subject& subject, const Idle& always,
                    std::vector<NearMiss>& nearMisses) const {
    for (const Node* node : idleIn(graph, subject, true).idle) {
      if (std::ranges::find(always.idle, node) != always.idle.end()) continue;
      nearMisses.push_back(
          {info().name, graph::idOf(*node),
           fmt::format("{} does nothing with the shapes it runs with here, but the file allows others; "
                       "--pin-shapes rules them out",
                       node->op_type())});
    }
  }

  Opportunity describe(const Graph& graph, const Idle& nodes, const Subject& subject) const {
    Opportunity o = removalOf(nodes.all(), info(), subject);
    std::vector<Node*> vanishing = nodes.idle;
    std::ranges::copy(nodes.expanding, std::back_inserter(vanishing));
    for (const Node* node : nodes.bypassed) vanishing.push_back(graph.producer(node->input(0)));
    o.predictedGainMs = subject.time(vanishing);
    if (!nodes.idle.empty()) {
      o.evidence.push_back(fmt::format("{} nodes leave value, type and shape as they are", nodes.idle.size()));
    }
    if (!nodes.bypassed.empty()) {
      o.evidence.push_back(
          fmt::format("{} Reshape nodes overwrite the shape that the node before gave", nodes.bypassed.size()));
    }
    if (!nodes.expanding.empty()) {
      o.evidence.push_back(
          fmt::format("{} Expand nodes repeat what their readers broadcast by themselves", nodes.expanding.size()));
    }
    return o;
  }
};

}  // namespace

std::unique_ptr<Rule> makeRemoveNoopsRule() { return std::make_unique<RemoveNoopsRule>(); }

}  // namespace ridgeline::advisor
