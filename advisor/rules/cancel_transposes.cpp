#include "advisor/rules/cancel_transposes.h"

#include "advisor/rules/layout/permutation.h"
#include "advisor/rules/places.h"

#include <set>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;

// What a Transpose can read, and how, in place of the Transpose before it. An identity order means: nothing is left to
// do.
struct Shortcut {
  std::string source;
  Permutation order;
  Node* previous = nullptr;  // null when the node by itself leaves the axes where they are
};

// `why` is told what stands in the way of two that belong together.
std::optional<Shortcut> shortcutOf(const Graph& graph, const Node& node, const Subject& subject,
                                   std::string* why = nullptr) {
  const auto order = permutationOf(node, subject);
  if (!order) return std::nullopt;
  Shortcut shortcut{node.input(0), *order};
  if (!isIdentity(*order)) {
    shortcut.previous = graph.producerOf(node, 0, "Transpose");
    const auto before = shortcut.previous ? permutationOf(*shortcut.previous, subject) : std::nullopt;
    if (!before || before->size() != order->size()) return std::nullopt;
    shortcut.source = shortcut.previous->input(0);
    shortcut.order = compose(*before, *order);
    // Where the first one has other readers it stays, and merging moves no fewer bytes.
    if (!isIdentity(shortcut.order) && !graph.onlyConsumer(node.input(0))) {
      if (why) *why = fmt::format("the transpose before it, {}, has other readers", graph::idOf(*shortcut.previous));
      return std::nullopt;
    }
  }
  if (isIdentity(shortcut.order) && graph.isGraphOutput(node.output(0)) &&
      (!graph.producer(shortcut.source) || graph.isGraphOutput(shortcut.source))) {
    if (why) *why = "it changes nothing, but gives an output of the model its name";
    return std::nullopt;  // the output keeps its name only through another copy
  }
  return shortcut;
}

class CancelTransposesRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"cancel-transposes",
                               RuleKind::Layout,
                               false,
                               "merge consecutive transposes, drop those that undo each other",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    std::vector<Node*> places;
    std::set<Node*> vanishing;
    int cancelled = 0;
    for (Node* node : graph.nodes()) {
      std::string why;
      const auto shortcut = shortcutOf(graph, *node, subject, &why);
      if (!why.empty() && nearMisses) nearMisses->push_back({info().name, graph::idOf(*node), std::move(why)});
      if (!shortcut) continue;
      places.push_back(node);
      if (isIdentity(shortcut->order)) {
        vanishing.insert(node);
        ++cancelled;
      }
      if (shortcut->previous && graph.onlyConsumer(node->input(0))) vanishing.insert(shortcut->previous);
    }
    if (places.empty()) return std::vector<Opportunity>{};
    Opportunity o = removalOf(places, info(), subject);
    o.predictedGainMs = subject.time({vanishing.begin(), vanishing.end()});
    o.evidence.push_back(fmt::format("{} undo the one before or move no axis, {} merge with the one before", cancelled,
                                     static_cast<int>(places.size()) - cancelled));
    return std::vector{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    int count = 0;
    for (Node* node : nodesAt(graph, opportunity.places)) {
      bool changed = false;
      while (const auto shortcut = shortcutOf(graph, *node, subject)) {
        changed = true;
        if (isIdentity(shortcut->order)) {
          const std::string output = node->output(0);
          graph.replaceTensor(output, shortcut->source);
          graph.removeNode(node);
          break;
        }
        graph.setInput(node, 0, shortcut->source);
        graph::setAttribute(*node, "perm", shortcut->order);
      }
      count += changed;
    }
    if (count > 0) graph.removeDead();
    return count;
  }
};

}  // namespace

std::unique_ptr<Rule> makeCancelTransposesRule() { return std::make_unique<CancelTransposesRule>(); }

}  // namespace ridgeline::advisor
