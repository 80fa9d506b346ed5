// What a timeline tells: kernels by time and headroom, what devices waited for, operator-to-kernel trees, the critical
// path, steps and ranks.
#pragma once

#include "base/result.h"
#include "profile/profile.h"

namespace ridgeline::analyzers {

// Does nothing in a profile without accelerators and without an imported recording.
Status analyzeTimeline(profile::Profile& profile);

}  // namespace ridgeline::analyzers
