#include "analyzers/timeline/periods.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <vector>

namespace ridgeline::analyzers {
namespace {

constexpr double kMatch = 0.95;
constexpr double kCover = 0.5;
constexpr size_t kCandidates = 12;

struct Stretch {
  size_t begin = 0, end = 0;  // elements i with names[i] == names[i + period], nearly all of them
  size_t equal = 0;
};

// The longest stretch in which at least kMatch of the elements equal the one a period later: grows over blocks of a
// period's length.
Stretch longestStretch(std::span<const uint32_t> names, size_t period) {
  Stretch best, current;
  const size_t last = names.size() - period;
  for (size_t block = 0; block < last; block += period) {
    const size_t end = std::min(block + period, last);
    size_t equal = 0;
    for (size_t i = block; i < end; ++i) equal += names[i] == names[i + period] ? 1 : 0;
    if (static_cast<double>(equal) >= kMatch * static_cast<double>(end - block)) {
      if (current.end != block || current.equal == 0) current = {block, block, 0};
      current.end = end, current.equal += equal;
      if (current.end - current.begin > best.end - best.begin) best = current;
    } else {
      current = {};
    }
  }
  return best;
}

// Distances between neighbouring occurrences, most telling first: those of names that occur rarely and evenly.
std::vector<size_t> candidates(std::span<const uint32_t> names, size_t atLeast) {
  std::unordered_map<uint32_t, std::vector<size_t>> places;
  for (size_t i = 0; i < names.size(); ++i) {
    auto& list = places[names[i]];
    if (list.size() < 4096) list.push_back(i);
  }
  std::map<size_t, double> votes;
  for (const auto& [name, list] : places) {
    if (list.size() < atLeast) continue;
    std::map<size_t, size_t> distances;
    for (size_t i = 1; i < list.size(); ++i) ++distances[list[i] - list[i - 1]];
    const auto common = std::max_element(distances.begin(), distances.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
    const double even = static_cast<double>(common->second) / static_cast<double>(list.size() - 1);
    if (even >= 0.6) votes[common->first] += even / static_cast<double>(list.size());
  }
  std::vector<std::pair<double, size_t>> ranked;
  for (const auto& [distance, vote] : votes) ranked.emplace_back(vote, distance);
  std::sort(ranked.rbegin(), ranked.rend());
  std::vector<size_t> out;
  for (size_t i = 0; i < std::min(kCandidates, ranked.size()); ++i) out.push_back(ranked[i].second);
  std::sort(out.begin(), out.end());
  return out;
}

// Where in the period the longest pause is, on average.
size_t beginOfStep(std::span<const int64_t> gaps, const Stretch& stretch, size_t period) {
  std::vector<double> sums(period, 0);
  for (size_t i = stretch.begin; i < stretch.end; ++i) {
    if (i < gaps.size() && i > 0) sums[(i - stretch.begin) % period] += static_cast<double>(gaps[i]);
  }
  return static_cast<size_t>(std::max_element(sums.begin(), sums.end()) - sums.begin());
}

}  // namespace

std::optional<Period> findPeriod(std::span<const uint32_t> names, std::span<const int64_t> gaps, size_t atLeast) {
  if (atLeast < 2 || names.size() < 2 * atLeast) return std::nullopt;
  for (const size_t period : candidates(names, atLeast)) {
    if (period < 2 || period * atLeast > names.size()) continue;
    const auto stretch = longestStretch(names, period);
    const size_t covered = stretch.end - stretch.begin == 0 ? 0 : stretch.end - stretch.begin + period;
    if (covered < period * atLeast || static_cast<double>(covered) < kCover * static_cast<double>(names.size()))
      continue;
    Period found;
    found.length = period;
    found.first = stretch.begin + beginOfStep(gaps, stretch, period);
    found.count = (stretch.end + period - found.first) / period;
    found.match = static_cast<double>(stretch.equal) / static_cast<double>(stretch.end - stretch.begin);
    if (found.count >= 2) return found;
  }
  return std::nullopt;
}

}  // namespace ridgeline::analyzers
