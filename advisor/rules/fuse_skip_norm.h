#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// The sum of two tensors of one shape and the layer normalization of it become one SkipLayerNormalization. The engine
// does so itself where the shapes are fixed; here the two need only be always equal. A sum that is read elsewhere too,
// as in networks that normalize first, is the new operator's second result.
std::unique_ptr<Rule> makeFuseSkipNormRule();

}  // namespace ridgeline::advisor
