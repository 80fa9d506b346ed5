#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Transposes are moved through operators that work in any order of axes, to where they undo each other or are smaller.
// What the model takes and gives keeps its layout.
std::unique_ptr<Rule> makeMoveTransposesRule();

}  // namespace ridgeline::advisor
