// Repetition in a sequence of names: how a program's steps are found when nothing marks them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ridgeline::analyzers {

struct Period {
  size_t first = 0;   // index of the first element of the first whole repetition
  size_t length = 0;  // elements in one repetition
  size_t count = 0;   // repetitions
  double match = 0;   // share of elements that equal the one a period later, within the repetitions
};

// The shortest period under which a long stretch of `names` repeats at least `atLeast` times with at most 5 % of its
// elements out of place, and which covers at least half of the sequence. Candidates are the distances between
// occurrences of rare names: a kernel that runs once per step tells the step's length. `gaps[i]` is the time before
// element i; the repetitions begin where it is longest on average, which is where a step begins.
std::optional<Period> findPeriod(std::span<const uint32_t> names, std::span<const int64_t> gaps, size_t atLeast = 3);

}  // namespace ridgeline::analyzers
