// Operators that the engine has a slow kernel for, spelled in others that it is fast at (respelling/). Exact.
#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

std::unique_ptr<Rule> makeRespellOperatorsRule();

}  // namespace ridgeline::advisor
