// Seeded random numbers for weights: the same seed gives the same network on every machine and in any order of filling.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ridgeline::graph::networks {

// What one tensor is filled from: the network's seed and the tensor's name, so that adding a layer changes no other.
uint64_t streamOf(uint64_t seed, std::string_view name);

// Uniform in [-bound, bound).
void fillUniform(std::span<float> values, float bound, uint64_t stream);
// Normal with mean 0.
void fillNormal(std::span<float> values, float sigma, uint64_t stream);

}  // namespace ridgeline::graph::networks
