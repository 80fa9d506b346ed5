#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Nodes that hand on what they are given are bypassed.
std::unique_ptr<Rule> makeRemoveNoopsRule();

}  // namespace ridgeline::advisor
