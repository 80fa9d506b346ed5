// Multiply-add peaks of x86-64: FP32 by FMA, BF16 and INT8 by dot-product instructions.
//
// Accumulators: at least latency x throughput of the instruction, from Agner Fog's instruction tables
// (https://www.agner.org/optimize/instruction_tables.pdf): FMA and VPDPBUSD take 4 to 5 cycles at 2 a cycle, so 10
// chains suffice; VDPBF16PS takes 6 on AMD and Intel.
#include "plugins/cpu/detect/isa.h"
#include "plugins/cpu/kernels/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

namespace ridgeline::cpu {
namespace {

constexpr int kChains = 12;
// AVX-512 has registers for more, which leaves the scheduler room to place a chain on either port.
constexpr int kDotChains = 16;

// An SSE2 processor has no fused instruction: a multiplication and an addition, which count as two as well.
double floatSse2(int64_t iterations) {
  __m128 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm_set1_ps(static_cast<float>(i));
  const __m128 scale = _mm_set1_ps(0.999f), step = _mm_set1_ps(0.001f);
  for (int64_t n = 0; n < iterations; ++n) {
    for (auto& sum : sums) sum = _mm_add_ps(_mm_mul_ps(sum, scale), step);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm_add_ps(sums[0], sums[i]);
  return static_cast<double>(_mm_cvtss_f32(sums[0]));
}

RIDGELINE_TARGET("avx2,fma") double floatFma(int64_t iterations) {
  __m256 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  const __m256 scale = _mm256_set1_ps(0.999f), step = _mm256_set1_ps(0.001f);
  for (int64_t n = 0; n < iterations; ++n) {
    for (auto& sum : sums) sum = _mm256_fmadd_ps(sum, scale, step);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm256_add_ps(sums[0], sums[i]);
  return static_cast<double>(_mm256_cvtss_f32(sums[0]));
}

RIDGELINE_TARGET("avx512f") double floatAvx512(int64_t iterations) {
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512 scale = _mm512_set1_ps(0.999f), step = _mm512_set1_ps(0.001f);
  for (int64_t n = 0; n < iterations; ++n) {
    for (auto& sum : sums) sum = _mm512_fmadd_ps(sum, scale, step);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return static_cast<double>(_mm512_cvtss_f32(sums[0]));
}

RIDGELINE_TARGET("avx512f,avx512bf16") double bfloat16Avx512(int64_t iterations) {
  __m512 sums[kDotChains];
  for (int i = 0; i < kDotChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5f), _mm512_set1_ps(-0.5f));
  const __m512bh b = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.25f), _mm512_set1_ps(0.25f));
  for (int64_t n = 0; n < iterations; ++n) {
    for (auto& sum : sums) sum = _mm512_dpbf16_ps(sum, a, b);
  }
  for (int i = 1; i < kDotChains; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return static_cast<double>(_mm512_cvtss_f32(sums[0]));
}

RIDGELINE_TARGET("avx512f,avx512vnni") double int8Avx512Vnni(int64_t iterations) {
  __m512i sums[kDotChains];
  for (int i = 0; i < kDotChains; ++i) sums[i] = _mm512_set1_epi32(i);
  const __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(-5);
  for (int64_t n = 0; n < iterations; ++n) {
    for (auto& sum : sums) sum = _mm512_dpbusd_epi32(sum, a, b);
  }
  for (int i = 1; i < kDotChains; ++i) sums[0] = _mm512_xor_si512(sums[0], sums[i]);
  alignas(64) int32_t lanes[16];
  _mm512_store_si512(lanes, sums[0]);
  return static_cast<double>(lanes[0]);
}

RIDGELINE_TARGET("avx2,avxvnni") double int8AvxVnni(int64_t iterations) {
  __m256i sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_epi32(i);
  const __m256i a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(-5);
  for (int64_t n = 0; n < iterations; ++n) {
    for (auto& sum : sums) sum = _mm256_dpbusd_avx_epi32(sum, a, b);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm256_xor_si256(sums[0], sums[i]);
  return static_cast<double>(_mm_cvtsi128_si32(_mm256_castsi256_si128(sums[0])));
}

// Without a dot-product instruction INT8 products are three: multiply bytes and add pairs, add pairs of words, add. The
// first operand depends on the loop, or a compiler would compute the product once.
RIDGELINE_TARGET("avx2") double int8Avx2(int64_t iterations) {
  constexpr int kBytewiseChains = 8;  // one more register each for the changing operand
  __m256i sums[kBytewiseChains];
  for (int i = 0; i < kBytewiseChains; ++i) sums[i] = _mm256_set1_epi32(i);
  const __m256i b = _mm256_set1_epi8(-5), ones = _mm256_set1_epi16(1);
  for (int64_t n = 0; n < iterations; ++n) {
    for (auto& sum : sums) {
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(sum, b), ones));
    }
  }
  for (int i = 1; i < kBytewiseChains; ++i) sums[0] = _mm256_xor_si256(sums[0], sums[i]);
  return static_cast<double>(_mm_cvtsi128_si32(_mm256_castsi256_si128(sums[0])));
}

}  // namespace

void appendX86Kernels(const Processor& processor, std::vector<ComputeKernel>& kernels) {
  const auto has = [&](std::string_view name) { return hasIsa(processor, name); };
  // Products in one instruction: vector bytes / element bytes; two operations each.
  constexpr auto ops = [](int products, int chains) { return 2.0 * products * chains; };

  if (has("avx512f")) kernels.push_back({"float32", "AVX-512 FMA, 12 accumulators", ops(16, kChains), floatAvx512});
  if (has("avx2") && has("fma")) {
    kernels.push_back({"float32", "AVX2 FMA, 12 accumulators", ops(8, kChains), floatFma});
  } else if (!has("avx512f")) {
    kernels.push_back({"float32", "SSE2 multiply and add, 12 accumulators", ops(4, kChains), floatSse2});
  }
  if (has("avx512_bf16")) {
    kernels.push_back({"bfloat16", "AVX-512 VDPBF16PS, 16 accumulators", ops(32, kDotChains), bfloat16Avx512});
  }
  if (has("avx512_vnni")) {
    kernels.push_back({"int8", "AVX-512 VPDPBUSD, 16 accumulators", ops(64, kDotChains), int8Avx512Vnni});
  } else if (has("avx_vnni")) {
    kernels.push_back({"int8", "AVX-VNNI VPDPBUSD, 12 accumulators", ops(32, kChains), int8AvxVnni});
  } else if (has("avx2")) {
    kernels.push_back({"int8", "AVX2 VPMADDUBSW, VPMADDWD, VPADDD, 8 accumulators", ops(32, 8), int8Avx2});
  }
}

}  // namespace ridgeline::cpu

#else

namespace ridgeline::cpu {
void appendX86Kernels(const Processor&, std::vector<ComputeKernel>&) {}
}  // namespace ridgeline::cpu

#endif
