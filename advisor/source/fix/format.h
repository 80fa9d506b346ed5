// Text that a fix brings in, formatted as the file around it is.
#pragma once

#include "advisor/source/source.h"

namespace ridgeline::source {

// The text with the edits made; lines of edits that bring in whole lines are formatted by the .clang-format above the
// file, else in the style the file shows. Nullopt when edits overlap.
std::optional<std::string> editAndFormat(const std::filesystem::path& file, const std::string& text,
                                         std::vector<Edit> edits);

}  // namespace ridgeline::source
