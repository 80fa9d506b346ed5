// Which finding comes first.
#pragma once

#include "advisor/source/source.h"

namespace ridgeline::source {

// Fills in what the profile says of each finding's kernel, and the predicted gain.
Status addProfile(const std::filesystem::path& profile, Report& report);

// By predicted gain where there is one, then by kind, weight and place.
void rank(std::vector<Finding>& findings);

// "void ns::scale<float>(float*, int)" or "_ZN2ns5scale..." as "ns::scale": what a kernel is called in its source.
std::string sourceName(const std::string& kernel);

}  // namespace ridgeline::source
