#include "advisor/rules/move_selections.h"

#include "advisor/rules/places.h"
#include "advisor/rules/selection/selected_region.h"
#include "base/counted.h"

#include <algorithm>
#include <array>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

// These take no time, or next to none, whatever they are given.
bool isView(const Node* node) {
  static constexpr auto kViews = std::to_array<std::string_view>({"Reshape", "Unsqueeze", "Squeeze", "Identity"});
  return std::ranges::find(kViews, node->op_type()) != kViews.end();
}

// How many entries are wanted, and of how many, at the shapes at hand; nullopt when that is not known.
struct Share {
  int64_t wanted = 0, all = 0;
};

std::optional<Share> shareOf(const Selection& selection, const Subject& subject) {
  const auto* before = subject.shape(selection.from());
  const auto* after = subject.shape(selection.node->output(0));
  if (!before || !after || selection.axis >= before->dims.size()) return std::nullopt;
  if (selection.dropsAxis) return Share{1, before->dims[selection.axis]};
  if (after->dims.size() != before->dims.size()) return std::nullopt;
  return Share{after->dims[selection.axis], before->dims[selection.axis]};
}

class MoveSelectionsRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"move-selections",
                               RuleKind::Folding,
                               false,
                               "take the entries that are used before computing on them, not after",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    const SymbolicShapes shapes(graph);
    Opportunity o;
    o.rule = info().name;
    size_t operators = 0;
    for (Node* node : graph.nodes()) {
      const auto selection = selectionOf(graph, shapes, *node);
      const auto share = selection ? shareOf(*selection, subject) : std::nullopt;
      if (!share || share->wanted >= share->all) continue;
      const SelectedRegion region(graph, shapes, *selection);
      if (const Node* other = nearMisses ? region.otherReader() : nullptr) {
        nearMisses->push_back({info().name, graph::idOf(*node),
                               fmt::format("takes {} of {} entries of {}, but {} reads all of them", share->wanted,
                                           share->all, selection->from(), graph::idOf(*other))});
      }
      if (std::ranges::all_of(region.nodes(), isView)) continue;
      o.places.push_back(graph::idOf(*node));
      o.evidence.push_back(fmt::format("{} of {} entries of {} are used, and {} before it can do without the others",
                                       share->wanted, share->all, selection->from(), countByType(region.nodes())));
      const double left = static_cast<double>(share->wanted) / static_cast<double>(share->all);
      o.predictedGainMs += subject.time(region.nodes()) * (1 - left);
      operators += region.nodes().size();
    }
    if (o.places.empty()) return std::vector<Opportunity>{};
    o.target = counted(operators, "operator");
    return std::vector{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject&) const override {
    int count = 0;
    for (const std::string& place : opportunity.places) {
      Node* const node = graph.find(place);
      if (!node) continue;
      const SymbolicShapes shapes(graph);
      const auto selection = selectionOf(graph, shapes, *node);
      if (!selection) continue;
      const SelectedRegion region(graph, shapes, *selection);
      if (std::ranges::all_of(region.nodes(), isView)) continue;
      region.apply(graph);
      graph.removeDead();
      graph.sort();
      ++count;
    }
    return count;
  }
};

}  // namespace

std::unique_ptr<Rule> makeMoveSelectionsRule() { return std::make_unique<MoveSelectionsRule>(); }

}  // namespace ridgeline::advisor
