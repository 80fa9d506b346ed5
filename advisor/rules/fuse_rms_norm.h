#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// RMS normalization written out in a spelling that the engine does not know becomes one SimplifiedLayerNormalization.
std::unique_ptr<Rule> makeFuseRmsNormRule();

}  // namespace ridgeline::advisor
