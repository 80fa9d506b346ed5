// Takes slices that overlap without nesting apart into lanes, in each of which every slice lies within the one around
// it or beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace ridgeline::exporting {

class Nesting {
 public:
  // Called when a slice ends, in order of time within a lane.
  using OnEnd = std::function<void(size_t lane, int64_t endNs)>;
  explicit Nesting(OnEnd onEnd) : m_onEnd(std::move(onEnd)) {}

  // The lane of a slice; ends what ended before it there. Feed slices by start, the longer first.
  size_t begin(int64_t startNs, int64_t endNs) {
    for (size_t lane = 0;; ++lane) {
      if (lane == m_open.size()) m_open.emplace_back();
      auto& open = m_open[lane];
      closeUntil(lane, startNs);
      if (!open.empty() && open.back() < endNs) continue;
      open.push_back(endNs);
      return lane;
    }
  }

  // Ends all that is open.
  void finish() {
    for (size_t lane = 0; lane < m_open.size(); ++lane) {
      auto& open = m_open[lane];
      for (; !open.empty(); open.pop_back()) m_onEnd(lane, open.back());
    }
  }

 private:
  void closeUntil(size_t lane, int64_t ns) {
    auto& open = m_open[lane];
    for (; !open.empty() && open.back() <= ns; open.pop_back()) m_onEnd(lane, open.back());
  }

  OnEnd m_onEnd;
  std::vector<std::vector<int64_t>> m_open;  // ends, the innermost last
};

}  // namespace ridgeline::exporting
