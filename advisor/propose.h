// What the rules would do to a model, and one of them done to a copy.
#pragma once

#include "advisor/rule.h"

#include <string>
#include <vector>

namespace ridgeline::advisor {

// Which rules are asked. Settings of the engine are looked for when the model is what it will be.
enum class Ask { Rewrites, Settings, Everything };

// Proposals for a model as it stands: exact ones first, then by predicted gain, tempered by what came true of earlier
// predictions; what the device's makers say does not pay comes last; used by `advise` as well.
struct Proposals {
  std::vector<Opportunity> opportunities;
  std::vector<NearMiss> nearMisses;
};
Result<Proposals> propose(const graph::Model& model, const Subject& subject, bool exactOnly, Ask ask = Ask::Rewrites);

// Applies a proposal, after the exact rules it builds on, to a copy.
struct Applied {
  graph::Model model;
  int places = 0;
  std::vector<std::string> enablers;  // those that changed something
};
Result<Applied> applyToCopy(const graph::Model& model, const Opportunity& opportunity, const Subject& subject);

}  // namespace ridgeline::advisor
