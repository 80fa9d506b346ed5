// The cheapest way to split a set of things in two, when keeping some pairs apart costs.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace ridgeline::advisor {

// Vertices are numbered from 0. Vertex 0 is always on the source's side, vertex 1 on the sink's.
class MinCut {
 public:
  static constexpr int Source = 0;
  static constexpr int Sink = 1;
  static constexpr int64_t Never = std::numeric_limits<int64_t>::max() / 4;

  int addVertex() {
    m_edges.emplace_back();
    return static_cast<int>(m_edges.size()) - 1;
  }
  // Costs `cost` if `from` ends on the source's side and `to` on the sink's.
  void addCost(int from, int to, int64_t cost);

  // Of all cheapest splits, the one with the fewest vertices on the source's side: true for those.
  std::vector<bool> solve();

 private:
  struct Edge {
    int to;
    int reverse;  // index of the opposite edge among those of `to`
    int64_t capacity;
  };
  bool augment();
  std::vector<std::vector<Edge>> m_edges{2};
};

}  // namespace ridgeline::advisor
