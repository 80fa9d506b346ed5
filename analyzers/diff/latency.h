// Whether one recording's runs take longer than another's.
#pragma once

#include "base/stats.h"

#include <span>
#include <string_view>

namespace ridgeline::analyzers {

enum class DiffVerdict { Same, Faster, Slower, Inconclusive };
std::string_view nameOf(DiffVerdict verdict);

struct LatencyChange {
  double aMs = 0, bMs = 0;  // medians
  double ratio = 1;         // b / a: above 1, B is slower
  Interval ci95{0, 0};      // of the ratio
  DiffVerdict verdict = DiffVerdict::Inconclusive;
};

// Runs in the order in which they were made, ms. The interval counts that the machine's mood changes between two
// recordings at least as much as it does within one: a recording is cut into stretches, and the spread of their medians
// is the spread that another recording may have. Both sides need a run; with fewer than 6 the verdict is inconclusive.
LatencyChange compareRuns(std::span<const double> aMs, std::span<const double> bMs);

// Within 5 % either way is the same; beyond 1 % one way is faster or slower.
DiffVerdict verdictOf(const Interval& ratio);

}  // namespace ridgeline::analyzers
