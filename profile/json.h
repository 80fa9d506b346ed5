// The few JSON values that columns hold. For the library's own use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::profile {

std::string toJsonArray(const std::vector<std::string>& texts);
// False when it is not an array of strings.
bool fromJsonArray(std::string_view json, std::vector<std::string>& texts);

}  // namespace ridgeline::profile
