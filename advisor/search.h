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

// Proposals for a model as it stands, ordered by predicted gain; used by `advise` as well.
struct Proposals {
  std::vector<Opportunity> opportunities;
  std::vector<NearMiss> nearMisses;
};
Result<Proposals> propose(const graph::Model& model, const Subject& subject, bool exactOnly);

// Applies a proposal, after the exact rules it builds on, to a copy.
struct Applied {
  graph::Model model;
  int places = 0;
  std::vector<std::string> enablers;  // those that changed something
};
Result<Applied> applyToCopy(const graph::Model& model, const Opportunity& opportunity, const Subject& subject);

}  // namespace ridgeline::advisor
