#include "advisor/rules/places.h"

#include <algorithm>
#include <map>

namespace ridgeline::advisor {

std::string countByType(std::span<graph::Node* const> nodes) {
  std::map<std::string, int> counts;
  for (const graph::Node* node : nodes) ++counts[node->op_type()];
  std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [type, count] : sorted) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, type);
  return text;
}

std::string listKinds(const std::map<std::string, int>& kinds) {
  std::string text;
  for (const auto& [kind, count] : kinds) text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", count, kind);
  return text;
}

Opportunity removalOf(const std::vector<graph::Node*>& nodes, const RuleInfo& info, const Subject& subject) {
  Opportunity opportunity;
  opportunity.rule = info.name;
  opportunity.target = countByType(nodes);
  for (const graph::Node* node : nodes) opportunity.places.push_back(graph::idOf(*node));
  opportunity.predictedGainMs = subject.time(nodes);
  return opportunity;
}

}  // namespace ridgeline::advisor
