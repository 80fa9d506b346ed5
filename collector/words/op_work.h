// The arithmetic and traffic of PyTorch's operators, where their name and input shapes settle it.
#pragma once

#include "profile/vocabulary.h"

#include <optional>
#include <string_view>

namespace ridgeline::collector {

// One call's. `shapes` as of shapesText(). Empty for operators whose work also depends on what the recording does not
// hold: strides, masks, an axis.
std::optional<profile::Work> opWork(std::string_view name, std::string_view shapes);

}  // namespace ridgeline::collector
