// Every analyzer, and running them.
#pragma once

#include "base/result.h"
#include "profile/profile.h"

#include <span>
#include <string_view>

namespace ridgeline::analyzers {

struct Analyzer {
  std::string_view name;     // as in finding.analyzer
  std::string_view summary;  // one line for people
  // Replaces the analyzer's rows; run again, it writes the same ones.
  Status (*run)(profile::Profile&);
};

// In the order in which they run: later ones read the rows of earlier ones.
std::span<const Analyzer> allAnalyzers();

// Runs all of them in one transaction.
Status analyze(profile::Profile& profile);

// False when there is nothing yet, or what there is came from older analyzers.
bool isAnalyzed(const profile::Profile& profile);

}  // namespace ridgeline::analyzers
