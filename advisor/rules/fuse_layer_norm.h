#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Layer normalization written out in a spelling that the engine does not know becomes one LayerNormalization.
std::unique_ptr<Rule> makeFuseLayerNormRule();

}  // namespace ridgeline::advisor
