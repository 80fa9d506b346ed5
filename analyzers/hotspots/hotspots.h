// Where time can be won: operators and operator types by headroom, concentration, time that is no arithmetic.
#pragma once

#include "base/result.h"
#include "profile/profile.h"

namespace ridgeline::analyzers {

Status analyzeHotspots(profile::Profile& profile);

}  // namespace ridgeline::analyzers
