#include "advisor/rules/longest_path.h"

#include <algorithm>

namespace ridgeline::advisor {

// Nodes are taken in the file's order; what a node out of order reads counts as there from the start.
double shareOfLongestPath(graph::Graph& graph, const NodeTimes& times) {
  std::unordered_map<std::string, double> readyAt;  // by tensor
  double all = 0, longest = 0;
  for (const graph::Node* node : graph.nodes()) {
    double start = 0;
    for (const auto& input : node->input()) {
      if (const auto it = readyAt.find(input); it != readyAt.end()) start = std::max(start, it->second);
    }
    const auto it = times.find(graph::idOf(*node));
    const double own = it == times.end() ? 0 : it->second;
    all += own;
    longest = std::max(longest, start + own);
    for (const auto& output : node->output()) readyAt[output] = start + own;
  }
  return all > 0 ? longest / all : 1;
}

}  // namespace ridgeline::advisor
