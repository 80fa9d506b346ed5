#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// MultiHeadAttention is com.microsoft's, and in every version of the engine. ONNX's own Attention came with opset 23;
// its kernel is the faster one, and heads of keys and values may be shared.
enum class AttentionOperator { MultiHeadAttention, Attention };

// Attention written out as products, softmax and transposes becomes one operator, its key/value cache included: the one
// that is faster here.
std::unique_ptr<Rule> makeFuseAttentionRule();
// With one operator and no other.
std::unique_ptr<Rule> makeFuseAttentionRule(AttentionOperator with);

}  // namespace ridgeline::advisor
