#include "advisor/rules/layout/min_cut.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace ridgeline::advisor {

void MinCut::addCost(int from, int to, int64_t cost) {
  auto& out = m_edges[static_cast<size_t>(from)];
  auto& back = m_edges[static_cast<size_t>(to)];
  out.push_back({to, static_cast<int>(back.size()), cost});
  back.push_back({from, static_cast<int>(out.size()) - 1, 0});
}

// Edmonds and Karp: sends what fits along a shortest path. Graphs here have some hundred vertices.
bool MinCut::augment() {
  std::vector<std::pair<int, int>> from(m_edges.size(), {-1, -1});  // vertex and edge by which one was reached
  from[Source] = {Source, 0};
  std::deque<int> queue{Source};
  while (!queue.empty() && from[Sink].first < 0) {
    const int at = queue.front();
    queue.pop_front();
    const auto& edges = m_edges[static_cast<size_t>(at)];
    for (size_t e = 0; e < edges.size(); ++e) {
      auto& reached = from[static_cast<size_t>(edges[e].to)];
      if (edges[e].capacity == 0 || reached.first >= 0) continue;
      reached = {at, static_cast<int>(e)};
      queue.push_back(edges[e].to);
    }
  }
  if (from[Sink].first < 0) return false;
  const auto edgeTo = [&](int v) -> Edge& {
    const auto [at, e] = from[static_cast<size_t>(v)];
    return m_edges[static_cast<size_t>(at)][static_cast<size_t>(e)];
  };
  int64_t flow = Never;
  for (int v = Sink; v != Source; v = from[static_cast<size_t>(v)].first) flow = std::min(flow, edgeTo(v).capacity);
  for (int v = Sink; v != Source; v = from[static_cast<size_t>(v)].first) {
    Edge& edge = edgeTo(v);
    edge.capacity -= flow;
    m_edges[static_cast<size_t>(v)][static_cast<size_t>(edge.reverse)].capacity += flow;
  }
  return true;
}

std::vector<bool> MinCut::solve() {
  while (augment()) {
  }
  std::vector<bool> onSourceSide(m_edges.size(), false);
  onSourceSide[Source] = true;
  std::deque<int> queue{Source};
  while (!queue.empty()) {
    const int at = queue.front();
    queue.pop_front();
    for (const Edge& edge : m_edges[static_cast<size_t>(at)]) {
      if (edge.capacity == 0 || onSourceSide[static_cast<size_t>(edge.to)]) continue;
      onSourceSide[static_cast<size_t>(edge.to)] = true;
      queue.push_back(edge.to);
    }
  }
  return onSourceSide;
}

}  // namespace ridgeline::advisor
