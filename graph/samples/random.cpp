#include "graph/samples/random.h"

#include <cmath>
#include <numbers>

namespace ridgeline::graph::networks {

namespace {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014) used as a hash of a
// counter: no state to carry, so the compiler may unroll and overlap the rounds.
constexpr uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// 24 bits, all that a float's mantissa holds, to [0, 1).
constexpr float unit(uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24f; }

}  // namespace

uint64_t streamOf(uint64_t seed, std::string_view name) {
  uint64_t h = mix(seed);
  for (const char c : name) h = mix(h ^ static_cast<unsigned char>(c));
  return h;
}

void fillUniform(std::span<float> values, float bound, uint64_t stream) {
  const auto value = [bound](uint32_t bits) { return bound * (2 * unit(bits) - 1); };
  const size_t pairs = values.size() / 2;
  for (size_t i = 0; i < pairs; ++i) {
    const uint64_t r = mix(stream + i);
    values[2 * i] = value(static_cast<uint32_t>(r));
    values[2 * i + 1] = value(static_cast<uint32_t>(r >> 32));
  }
  if (values.size() % 2) values.back() = value(static_cast<uint32_t>(mix(stream + pairs)));
}

void fillNormal(std::span<float> values, float sigma, uint64_t stream) {
  // Box and Muller's pair; 1 - u keeps the logarithm's argument above 0.
  for (size_t i = 0; i < values.size(); i += 2) {
    const uint64_t r = mix(stream + i / 2);
    const float radius = sigma * std::sqrt(-2 * std::log(1 - unit(static_cast<uint32_t>(r))));
    const float angle = 2 * std::numbers::pi_v<float> * unit(static_cast<uint32_t>(r >> 32));
    values[i] = radius * std::cos(angle);
    if (i + 1 < values.size()) values[i + 1] = radius * std::sin(angle);
  }
}

}  // namespace ridgeline::graph::networks
