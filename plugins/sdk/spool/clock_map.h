// Brings a device's times to CLOCK_MONOTONIC, from the moments that a plugin saw on both clocks.
#pragma once

#include <cstdint>
#include <vector>

namespace ridgeline::plugins {

class ClockMap {
 public:
  struct Moment {
    int64_t deviceNs = 0, hostNs = 0, uncertaintyNs = 0;
  };
  ClockMap() = default;
  // In any order. With none, the two clocks are taken to be the same. Of the moments of one second the surest is used;
  // between seconds the offset changes linearly, before the first and after the last it stays.
  explicit ClockMap(std::vector<Moment> moments);

  int64_t toHost(int64_t deviceNs) const;
  bool known() const { return !m_moments.empty(); }
  // Of the least sure moment that is used.
  int64_t uncertaintyNs() const;

 private:
  std::vector<Moment> m_moments;  // by device time
};

}  // namespace ridgeline::plugins
