// What a recording says could be won by changing the program that was recorded: rows of `advice` of kind "program".
#pragma once

#include "analyzers/timeline/scene.h"

namespace ridgeline::analyzers {

inline constexpr std::string_view kProgramAdvice = "program";  // advice.kind

// Removes what an earlier analysis said. Advice of other kinds stays.
Status forgetAdvice(profile::Profile& profile);
// Reads the rows of the timeline's other parts.
Status writeAdvice(profile::Profile& profile, const Scene& scene);

}  // namespace ridgeline::analyzers
