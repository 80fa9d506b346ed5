// Decides what to try, tries it, and keeps what serves the goal and is right.
#pragma once

#include "advisor/trial.h"
#include "advisor/workbench.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

struct SearchOptions {
  double budgetSeconds = 300;
  Goal goal = Goal::Latency;
  // Where memory or size is the goal: this is little enough, and the search ends.
  std::optional<double> enoughBytes;
  // Where to begin; null: at the original.
  const graph::Model* start = nullptr;
  bool startIsLossy = false;
  bool tuneEngine = false;  // for speed, try settings of the engine too; where memory is the goal, they always are
};

// The best model found, and each accepted step on the way to it.
struct SearchOutcome {
  std::vector<Trial> trials;  // in the order tried
  struct Step {
    graph::Model model;
    size_t trial;  // index into trials
  };
  std::vector<Step> steps;  // accepted ones in order; the last one's model is the result. Empty: nothing was won.
  std::vector<NearMiss> nearMisses;
  bool outOfBudget = false;
};

Result<SearchOutcome> search(Workbench& bench, const SearchOptions& options);

}  // namespace ridgeline::advisor
