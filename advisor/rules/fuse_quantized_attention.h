#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Attention whose query, key and value are INT8 products of one tensor becomes one QAttention: weights are packed for
// each head, and nothing is transposed.
std::unique_ptr<Rule> makeFuseQuantizedAttentionRule();

}  // namespace ridgeline::advisor
