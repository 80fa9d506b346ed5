#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Attention written out as products, softmax and transposes becomes one MultiHeadAttention, its key/value cache
// included.
std::unique_ptr<Rule> makeFuseAttentionRule();

}  // namespace ridgeline::advisor
