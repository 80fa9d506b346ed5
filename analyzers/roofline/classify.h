// The roofline of one operator.
#pragma once

#include "analyzers/roofline/ceilings.h"
#include "profile/vocabulary.h"

#include <span>

namespace ridgeline::analyzers {

// What is the same for every operator of a run.
struct RunContext {
  // Bytes a run touches between two uses of the same weight: every weight once, and the largest set of other tensors.
  // Where this much does not fit, weights have been evicted since the run before.
  double footprintBytes = 0;
  double dispatchNs = 0;  // what the engine spends to start one operator
};

RunContext contextOf(std::span<const profile::Operator> operators, const Ceilings& ceilings);

// The roof time is the largest of
//   operations / compute roof of the operator's arithmetic,
//   all bytes / bandwidth of the first level that holds the working set of a call,
//   bytes of weights / bandwidth of the first level that holds the footprint of a run
// (Williams, Waterman, Patterson: Roofline, CACM 52(4), 2009, taken at each level that traffic must cross).
profile::Classification classify(const profile::Operator& op, const Ceilings& ceilings, const RunContext& context);

}  // namespace ridgeline::analyzers
