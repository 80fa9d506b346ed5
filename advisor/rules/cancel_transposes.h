#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// A Transpose of a Transpose becomes one, or none where they undo each other.
std::unique_ptr<Rule> makeCancelTransposesRule();

}  // namespace ridgeline::advisor
