// Writes a classification row for every operator, and findings about the roofs themselves.
#pragma once

#include "base/result.h"
#include "profile/profile.h"

namespace ridgeline::analyzers {

Status analyzeRoofline(profile::Profile& profile);

}  // namespace ridgeline::analyzers
