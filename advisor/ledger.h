// Writes what an optimization proposed, tried and proved into a profile.
#pragma once

#include "advisor/optimize.h"
#include "advisor/propose.h"
#include "profile/profile.h"

#include <filesystem>

namespace ridgeline::advisor {

// Appends; earlier trials stay, so that a profile gathers how good the predictions are.
Status writeLedger(profile::Profile& profile, const OptimizeResult& result, const std::filesystem::path& output);

// Replaces the profile's advice and near misses by these.
Status writeAdvice(profile::Profile& profile, const Proposals& proposals);

}  // namespace ridgeline::advisor
