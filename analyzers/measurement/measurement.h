// Whether the recording can be trusted: what observing cost, whether operator times add up, noise, losses.
#pragma once

#include "base/result.h"
#include "profile/profile.h"

namespace ridgeline::analyzers {

Status analyzeMeasurement(profile::Profile& profile);

}  // namespace ridgeline::analyzers
