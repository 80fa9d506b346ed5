#include "graph/float_bits.h"

#include "graph/tensor.h"

#include <bit>
#include <cmath>
#include <limits>

namespace ridgeline::graph {
namespace {

// Sign, exponent, mantissa from the top; the exponent's special values are the caller's business.
float decode(unsigned bits, int exponentBits, int mantissaBits, int bias) {
  const unsigned mantissa = bits & ((1u << mantissaBits) - 1);
  const int exponent = static_cast<int>((bits >> mantissaBits) & ((1u << exponentBits) - 1));
  const bool negative = ((bits >> (mantissaBits + exponentBits)) & 1u) != 0;
  const auto magnitude =
      exponent == 0 ? std::ldexp(static_cast<float>(mantissa), 1 - bias - mantissaBits)
                    : std::ldexp(static_cast<float>(mantissa | (1u << mantissaBits)), exponent - bias - mantissaBits);
  return negative ? -magnitude : magnitude;
}

}  // namespace

// Formats: Micikevicius et al., "FP8 Formats for Deep Learning", arXiv:2209.05433 (FN: no infinities); Noune et al.,
// "8-bit Numerical Formats for Deep Neural Networks", arXiv:2206.02915 (FNUZ: no negative zero, its code is NaN); OCP
// Microscaling Formats 1.0 (E2M1 and E8M0).
float smallFloatToFloat(DataType type, uint8_t bits) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  switch (type) {
    case DataType::Float8E4M3FN:
      return (bits & 0x7f) == 0x7f ? nan : decode(bits, 4, 3, 7);
    case DataType::Float8E4M3FNUZ:
      return bits == 0x80 ? nan : decode(bits, 4, 3, 8);
    case DataType::Float8E5M2:
      // The upper byte of a float16.
      return halfToFloat(static_cast<uint16_t>(bits << 8));
    case DataType::Float8E5M2FNUZ:
      return bits == 0x80 ? nan : decode(bits, 5, 2, 16);
    case DataType::Float8E8M0:
      return bits == 0xff ? nan : std::ldexp(1.0f, static_cast<int>(bits) - 127);
    case DataType::Float4E2M1:
      return decode(bits & 0xf, 2, 1, 1);
    default:
      return nan;
  }
}

float halfToFloat(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1fu;
  const uint32_t mantissa = bits & 0x3ffu;
  if (exponent == 0) {  // zero and subnormals: mantissa * 2^-24
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const uint32_t wide = exponent == 31 ? 255u : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide << 23) | (mantissa << 13));
}

uint16_t floatToHalf(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u);
  // 65520 is half way between the largest half and the next power of two: from there on, infinity.
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x38800000u) {
    // Below 2^-14: counted in units of 2^-24; adding 0.5's bit pattern leaves the rounding to the adder.
    const float rounded = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(rounded) - 0x3f000000u));
  }
  const uint32_t odd = (magnitude >> 13) & 1u;
  const uint32_t rounded = magnitude + 0xfffu + odd - ((127u - 15u) << 23);
  return static_cast<uint16_t>(sign | (rounded >> 13));
}

float bfloat16ToFloat(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

uint16_t floatToBfloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

}  // namespace ridgeline::graph
