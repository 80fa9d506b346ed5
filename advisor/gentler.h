// What to try instead of a lossy proposal whose outputs were not good enough.
#pragma once

#include "advisor/rule.h"
#include "advisor/workbench.h"

#include <optional>

namespace ridgeline::advisor {

// The same rewrite with value ranges chosen otherwise, where that is good enough; else, of the best of these, the
// places that cost little accuracy for what they win (sensitivity.h). nullopt when nothing verifies, or when the time
// is up.
Result<std::optional<Opportunity>> gentler(const graph::Model& incumbent, const Opportunity& whole,
                                           const Subject& subject, Workbench& bench, double maxSeconds);

}  // namespace ridgeline::advisor
