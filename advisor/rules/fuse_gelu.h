#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// GELU written out in a spelling that the engine does not know, with the error function or its approximation by tanh,
// becomes one Gelu or FastGelu.
std::unique_ptr<Rule> makeFuseGeluRule();

}  // namespace ridgeline::advisor
