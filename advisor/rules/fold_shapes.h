#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Exporters compute the target of a Reshape, and bounds and sizes, from the shapes of tensors, in a dozen small nodes
// each time. Where the file fixes all but one of the dims (or leaves open only dims that stay in their place), a
// constant says the same for every size of the inputs, and the arithmetic goes.
std::unique_ptr<Rule> makeFoldShapesRule();

}  // namespace ridgeline::advisor
