#include "advisor/rules/move_transposes.h"

#include "advisor/rules/layout/layout_plan.h"
#include "advisor/rules/layout/permute_node.h"
#include "advisor/rules/places.h"
#include "base/units.h"

#include <algorithm>
#include <set>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;

std::set<Permutation> ordersIn(const Graph& graph, const Subject& subject) {
  std::set<Permutation> orders;
  for (const Node* node : graph.nodesOf("Transpose")) {
    if (const auto order = permutationOf(*node, subject); order && !isIdentity(*order)) orders.insert(*order);
  }
  return orders;
}

class MoveTransposesRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"move-transposes",
                               RuleKind::Layout,
                               false,
                               "move transposes through other operators until they cancel",
                               {"cancel-transposes"}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    std::set<const Node*> claimed;
    std::vector<Node*> vanishing;
    Opportunity o;
    int64_t before = 0, after = 0;
    size_t moved = 0;
    for (const Permutation& order : ordersIn(graph, subject)) {
      const LayoutChoice choice(graph, subject, order);
      for (const LayoutRegion& region : planLayout(graph, subject, choice)) {
        const auto& nodes = region.vanishing;
        // A Transpose may end a region of one order and begin one of the inverse order; one of them will have it.
        if (std::ranges::any_of(nodes, [&](const Node* n) { return claimed.contains(n); })) continue;
        claimed.insert(nodes.begin(), nodes.end());
        vanishing.insert(vanishing.end(), nodes.begin(), nodes.end());
        o.places.push_back(graph::idOf(*nodes.front()));
        before += region.bytesBefore;
        after += region.bytesAfter;
        moved += region.permuted.size();
        const double kept = static_cast<double>(region.bytesAfter) / static_cast<double>(region.bytesBefore);
        o.predictedGainMs += subject.time(nodes) * (1 - kept);
      }
    }
    if (nearMisses) tellBlocked(graph, subject, *nearMisses);
    if (o.places.empty()) return std::vector<Opportunity>{};
    o.rule = info().name;
    o.target = fmt::format("{} around {} other operators", countByType(vanishing), moved);
    o.evidence.push_back(fmt::format("transposed per run: {} now, {} after", formatBytes(static_cast<double>(before)),
                                     formatBytes(static_cast<double>(after))));
    return std::vector{std::move(o)};
  }

  // One operator between two transposes that would cancel.
  void tellBlocked(const Graph& graph, const Subject& subject, std::vector<NearMiss>& nearMisses) const {
    for (const Node* first : graph.nodesOf("Transpose")) {
      const Node* const between = graph.onlyConsumer(first->output(0));
      const auto order = permutationOf(*first, subject);
      if (!between || !order || isIdentity(*order) || between->output_size() != 1) continue;
      const Node* const second = graph.onlyConsumer(between->output(0));
      const auto back = second ? permutationOf(*second, subject) : std::nullopt;
      if (!back || back->size() != order->size() || !isIdentity(compose(*order, *back))) continue;
      if (permutableInputs(graph, *between, subject, order->size())) continue;
      nearMisses.push_back(
          {info().name, graph::idOf(*between),
           fmt::format("{} stands between two transposes that would cancel, and is not known to work in "
                       "another order of axes",
                       between->op_type())});
    }
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    const std::set<std::string> places(opportunity.places.begin(), opportunity.places.end());
    int count = 0;
    for (const Permutation& order : ordersIn(graph, subject)) {
      const LayoutChoice choice(graph, subject, order);
      int applied = 0;
      for (const LayoutRegion& region : planLayout(graph, subject, choice)) {
        const auto isPlace = [&](const Node* n) { return places.contains(graph::idOf(*n)); };
        if (!std::ranges::any_of(region.vanishing, isPlace)) continue;
        applyLayout(graph, choice, region, order);
        ++applied;
      }
      if (applied == 0) continue;
      graph.removeDead();
      graph.sort();
      count += applied;
    }
    return count;
  }
};

}  // namespace

std::unique_ptr<Rule> makeMoveTransposesRule() { return std::make_unique<MoveTransposesRule>(); }

}  // namespace ridgeline::advisor
