// Text inside XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace ridgeline::cli {

// Also what would end an attribute. Control characters become spaces: XML 1.0 has none, whatever they are escaped as.
std::string xmlEscaped(std::string_view text);

}  // namespace ridgeline::cli
