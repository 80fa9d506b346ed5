// Small things that every rule does with its places.
#pragma once

#include "advisor/rule.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// The nodes of these ids that are still there. Resolve before editing: an edit may move an id to another node.
inline std::vector<graph::Node*> nodesAt(graph::Graph& graph, std::span<const std::string> places) {
  std::vector<graph::Node*> nodes;
  for (const std::string& place : places) {
    if (graph::Node* node = graph.find(place)) nodes.push_back(node);
  }
  return nodes;
}

// "3 Reshape, 2 Identity", most frequent first.
std::string countByType(std::span<graph::Node* const> nodes);

// "2 x attention with 12 heads of 64, 1 x ...", from how often each kind of place occurs.
std::string listKinds(const std::map<std::string, int>& kinds);

// An opportunity that removes these nodes, anchored at them; predicts the time they take.
Opportunity removalOf(const std::vector<graph::Node*>& nodes, const RuleInfo& info, const Subject& subject);

}  // namespace ridgeline::advisor
