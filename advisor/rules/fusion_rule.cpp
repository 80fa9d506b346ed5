#include "advisor/rules/fusion_rule.h"

#include "advisor/rules/places.h"

#include <algorithm>
#include <map>

namespace ridgeline::advisor {

using graph::Graph;
using graph::Node;

std::vector<Node*> FusionRule::anchors(Graph& graph) const {
  const auto types = anchorTypes();
  std::vector<Node*> nodes = graph.nodes();
  std::erase_if(nodes, [&](const Node* node) {
    return std::ranges::none_of(types, [&](const std::string& type) { return graph::isOp(*node, type); });
  });
  return nodes;
}

Result<std::vector<Opportunity>> FusionRule::find(Graph& graph, const Subject& subject,
                                                  std::vector<NearMiss>* nearMisses) const {
  // What the rewrites add is written as opset 10 has it; later ones kept these forms.
  if (graph.model().opset() < 10) return std::vector<Opportunity>{};
  const SymbolicShapes shapes(graph);
  std::vector<FusionPlace> places;
  std::map<std::string, std::string> kindOf, riskOf;
  for (Node* anchor : anchors(graph)) {
    Look look = this->look(graph, shapes, *anchor);
    const auto* facts = subject.shape(graph::idOf(*anchor));
    // The fused operators' kernels here are for float32.
    if (look.place && (!facts || facts->type != graph::DataType::Float)) look = {{}, "it is not computed in float32"};
    if (look.place) {
      places.push_back({graph::idOf(*anchor), std::move(look.place->nodes), look.place->mostOfTime});
      kindOf[graph::idOf(*anchor)] = look.place->kind;
      riskOf[graph::idOf(*anchor)] = look.place->risk;
    } else if (!look.why.empty() && nearMisses) {
      nearMisses->push_back({info().name, graph::idOf(*anchor), std::move(look.why)});
    }
  }
  if (places.empty()) return std::vector<Opportunity>{};

  FusionGain won = gain(graph, places, subject);
  Opportunity opportunity;
  opportunity.rule = info().name;
  std::map<std::string, int> kinds;
  for (const FusionPlace& place : places) {
    const auto isAmong = [&](const auto& anchors) { return std::ranges::find(anchors, place.anchor) != anchors.end(); };
    if (isAmong(won.byEngine) || isAmong(won.tooSlow)) continue;
    opportunity.places.push_back(place.anchor);
    ++kinds[kindOf.at(place.anchor)];
    if (opportunity.risk.empty()) opportunity.risk = riskOf.at(place.anchor);
  }
  if (opportunity.places.empty()) return std::vector<Opportunity>{};
  opportunity.target = listKinds(kinds);
  opportunity.predictedGainMs = won.ms;
  opportunity.evidence = std::move(won.evidence);
  return std::vector<Opportunity>{std::move(opportunity)};
}

FusionGain FusionRule::gain(Graph& graph, std::span<const FusionPlace> places, const Subject& subject) const {
  const auto rewrite = [&](Graph& small, const std::string& at) -> Status {
    if (rewritePlaces(small, {&at, 1}) == 1) return {};
    return internalError("the place alone does not match");
  };
  return fusionGain(graph, places, subject, fusedOperator(), rewrite);
}

Result<int> FusionRule::apply(Graph& graph, const Opportunity& opportunity, const Subject&) const {
  return rewritePlaces(graph, opportunity.places);
}

// In the graph's order, so that what is made for one place is there for those behind it.
int FusionRule::rewritePlaces(Graph& graph, std::span<const std::string> places) const {
  graph.sort();
  const Rewriter rewrite = rewriter(graph);
  int rewritten = 0;
  // By id: rewriting one place removes nodes, which may be candidates further on.
  std::vector<std::string> wanted;
  for (const Node* anchor : anchors(graph)) {
    const std::string& id = graph::idOf(*anchor);
    if (std::ranges::find(places, id) != places.end()) wanted.push_back(id);
  }
  for (const std::string& id : wanted) {
    Node* const anchor = graph.find(id);
    if (anchor && rewrite(*anchor)) ++rewritten;
  }
  graph.sort();
  return rewritten;
}

std::string addNamed(Graph& graph, graph::NodeSpec spec, std::string_view hint) {
  std::string output = graph.uniqueName(hint);
  spec.outputs = {output};
  graph.addNode(std::move(spec));
  return output;
}

std::string addInts(Graph& graph, const std::vector<int64_t>& values, std::string_view hint) {
  return graph.addInitializer(hint, graph::Tensor::vector(std::span<const int64_t>(values)));
}

}  // namespace ridgeline::advisor
