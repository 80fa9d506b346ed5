// What two recordings are compared by, and the pairing of one's items with the other's.
#pragma once

#include "base/stats.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::analyzers {

// An operator or a kernel of one recording. Times are ms of one run.
struct DiffItem {
  std::string name;
  std::string type;    // operator type; a kernel's name without template arguments
  std::string shapes;  // of the inputs; a kernel's grid and block
  double calls = 1;
  double timeMs = 0;
  double errorMs = 0;             // standard error of timeMs, within its recording
  std::vector<double> samplesMs;  // one a round where both sides took turns: then differences are taken pairwise
};

enum class DiffStatus { Same, Changed, Added, Removed };
std::string_view nameOf(DiffStatus status);

// An item as it is in both recordings, or in one.
struct DiffRow {
  std::string name;         // in B; in A where B has none
  std::string renamedFrom;  // its name in A, where that is another
  std::string type;
  std::string shapesA, shapesB;
  std::optional<double> callsA, callsB;
  std::optional<double> aMs, bMs;
  double deltaMs = 0;   // b - a; what is missing counts 0
  Interval ci95{0, 0};  // of deltaMs
  double excessMs = 0;  // deltaMs beyond what all items changed alike
  DiffStatus status = DiffStatus::Same;
};

struct ItemDiff {
  // Those that changed first, then by the size of excessMs.
  std::vector<DiffRow> rows;
  // B / A of the typical matched item. What all share (a clock, a busy machine) tells nothing about one of them.
  double commonRatio = 1;
  size_t matched = 0;
};

// Pairs of indices into a and b: by name, type and shapes; then by name and type; then, as renamed, by type and shapes
// in the order in which they run. Items are in that order.
struct DiffMatch {
  std::optional<size_t> a, b;
};
std::vector<DiffMatch> matchItems(const std::vector<DiffItem>& a, const std::vector<DiffItem>& b);

// What all items share is put down to the machine's mood only up to this; more is a finding.
inline constexpr double kLargestMood = 0.25;

// `alike`: the same engine, device and threads, so that what all items share may be the machine's mood.
ItemDiff compareItems(const std::vector<DiffItem>& a, const std::vector<DiffItem>& b, bool alike,
                      double largestMood = kLargestMood);

}  // namespace ridgeline::analyzers
