#include "gui/models/network.h"

#include <algorithm>
#include <optional>

namespace ridgeline::gui {
namespace {

constexpr size_t kLongestPeriod = 3000;

// What is saved by showing one of the repeats for all of them.
size_t savingOf(const Repetition& r) { return r.period * (r.repeats - 1); }

// The best tandem repeat of tokens[from, to): for every period, the longest runs in which each token equals the one a
// period later.
std::optional<Repetition> bestIn(const std::vector<size_t>& tokens, size_t from, size_t to, size_t shortest) {
  std::optional<Repetition> best;
  const size_t longest = std::min(kLongestPeriod, (to - from) / 2);
  for (size_t period = shortest; period <= longest; ++period) {
    size_t run = 0;
    for (size_t i = from; i + period <= to; ++i) {
      const bool same = i + period < to && tokens[i] == tokens[i + period];
      if (same) {
        ++run;
        continue;
      }
      if (run >= period) {
        const Repetition found{i - run, period, run / period + 1};
        if (!best || savingOf(found) > savingOf(*best)) best = found;
      }
      run = 0;
    }
  }
  return best;
}

void collect(const std::vector<size_t>& tokens, size_t from, size_t to, size_t shortest, std::vector<Repetition>& out) {
  if (to - from < 2 * shortest) return;
  const auto best = bestIn(tokens, from, to, shortest);
  if (!best) return;
  out.push_back(*best);
  collect(tokens, from, best->first, shortest, out);
  collect(tokens, best->first + best->period * best->repeats, to, shortest, out);
}

}  // namespace

std::vector<Repetition> findRepetitions(const std::vector<size_t>& tokens, size_t shortest) {
  std::vector<Repetition> out;
  collect(tokens, 0, tokens.size(), std::max<size_t>(1, shortest), out);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return savingOf(a) != savingOf(b) ? savingOf(a) > savingOf(b) : a.first < b.first;
  });
  return out;
}

}  // namespace ridgeline::gui
