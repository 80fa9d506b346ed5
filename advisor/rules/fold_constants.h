#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// What only constants and fixed shapes decide is computed once, by the engine, and stored.
std::unique_ptr<Rule> makeFoldConstantsRule();

}  // namespace ridgeline::advisor
