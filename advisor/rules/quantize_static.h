#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Convolutions and products run on INT8, with activation ranges fixed beforehand from calibration samples; what lies
// between them stays 8-bit. Variants name the types of activations and weights and which operators take part:
// "u8s8-qdq" those that gain or lose little by themselves, "u8s8-qdq-all" all.
std::unique_ptr<Rule> makeQuantizeStaticRule();

}  // namespace ridgeline::advisor
