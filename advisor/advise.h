// Advice for a recorded model: what every rule would do, without doing it.
#pragma once

#include "advisor/propose.h"
#include "profile/profile.h"

#include <filesystem>

namespace ridgeline::advisor {

struct AdviseResult {
  std::string model;
  double latencyMs = 0;
  Proposals proposals;
  std::vector<std::string> notes;
};

// Runs the model with the shapes it was recorded with (times of operators come from this machine), asks every rule, and
// replaces the profile's advice. `model` overrides where the file is looked for.
Result<AdviseResult> advise(const std::filesystem::path& profile, const std::filesystem::path& model, bool exactOnly,
                            std::vector<DeviceAdvice> deviceAdvice, Job job);

}  // namespace ridgeline::advisor
