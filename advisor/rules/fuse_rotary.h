#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Rotary position embedding written out as slices, negation, concatenation and products becomes one RotaryEmbedding.
std::unique_ptr<Rule> makeFuseRotaryRule();

}  // namespace ridgeline::advisor
