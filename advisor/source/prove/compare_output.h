// Whether two programs printed the same.
#pragma once

#include <optional>
#include <string>

namespace ridgeline::source {

// Nullopt when they are the same: word for word, numbers within `tolerance` of each other (relative; 0: to the letter).
// Else the first difference, in words.
std::optional<std::string> outputDifference(const std::string& before, const std::string& after, double tolerance);

}  // namespace ridgeline::source
