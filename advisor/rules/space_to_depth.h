#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// The strided INT8 convolution at the head of a network reads pixels of three channels, which integer dot products of
// four cannot fill. Folding every 2x2 pixels into channels first makes it one of twelve channels and stride one, with
// the same sums.
std::unique_ptr<Rule> makeSpaceToDepthRule();

}  // namespace ridgeline::advisor
