// Which places of a lossy rewrite cost the most accuracy: for keeping the others when the whole breaks the bound.
#pragma once

#include "advisor/propose.h"
#include "advisor/workbench.h"

#include <optional>

namespace ridgeline::advisor {

// The proposal cut down to the places that, together, stay within the constraints: places are tried alone (in groups
// when there are many), ordered by error per millisecond won, and the longest prefix that verifies is kept. nullopt
// when no prefix does, or when the time is up.
Result<std::optional<Opportunity>> withoutSensitivePlaces(const graph::Model& incumbent, const Opportunity& whole,
                                                          const Subject& subject, Workbench& bench, double maxSeconds);

// The outputs with this rewrite, compared with the original's; nullopt when it does not build or run.
Result<std::optional<Verification>> outputsWith(const graph::Model& incumbent, const Opportunity& opportunity,
                                                const Subject& subject, Workbench& bench);

// The worst of the outputs: one less the cosine, or the share of rows with another largest element. 2 where they cannot
// be compared.
double errorOf(const Verification& verification);

}  // namespace ridgeline::advisor
