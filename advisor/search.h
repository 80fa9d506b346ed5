// Decides what to try, tries it, and keeps what is faster and right.
#pragma once

#include "advisor/rule.h"
#include "advisor/workbench.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// One line of the ledger: a proposal, what it was predicted to bring, and what it brought.
struct Trial {
  Opportunity opportunity;
  RuleKind kind = RuleKind::Fusion;
  bool lossy = false;
  std::vector<std::string> enablers;         // exact rules applied along with it because it builds on them
  std::optional<Judgement> judgement;        // against the incumbent of its time; absent when it was not measured
  std::optional<Verification> verification;  // against the original
  bool accepted = false;
  std::string reason;  // why it was rejected; empty when accepted
  double seconds = 0;
};

struct SearchOptions {
  double budgetSeconds = 300;
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
