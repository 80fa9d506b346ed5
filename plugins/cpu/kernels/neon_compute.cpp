// Multiply-add peaks of AArch64: FP32 by FMLA, BF16 and INT8 by dot-product and matrix instructions.
//
// Accumulators: Neoverse V1 and V2 issue 4 vector multiply-adds a cycle at a latency of 4 (Arm's software optimization
// guides), so 16 chains.
#include "plugins/cpu/detect/isa.h"
#include "plugins/cpu/kernels/kernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>

// GCC takes architecture extensions as "+name", Clang by the names of its features.
#if defined(__clang__)
#define RIDGELINE_DOTPROD RIDGELINE_TARGET("dotprod")
#define RIDGELINE_BF16 RIDGELINE_TARGET("bf16")
#define RIDGELINE_I8MM RIDGELINE_TARGET("i8mm")
#else
#define RIDGELINE_DOTPROD RIDGELINE_TARGET("+dotprod")
#define RIDGELINE_BF16 RIDGELINE_TARGET("+bf16")
#define RIDGELINE_I8MM RIDGELINE_TARGET("+i8mm")
#endif

namespace ridgeline::cpu {
namespace {

constexpr int kChains = 16;

double floatNeon(int64_t iterations) {
  float32x4_t sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = vdupq_n_f32(static_cast<float>(i));
  const float32x4_t a = vdupq_n_f32(0.5f), b = vdupq_n_f32(-0.001f);
  for (int64_t n = 0; n < iterations; ++n) {
    for (auto& sum : sums) sum = vfmaq_f32(sum, a, b);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = vaddq_f32(sums[0], sums[i]);
  return static_cast<double>(vgetq_lane_f32(sums[0], 0));
}

// Dot products are written as assembly: older compilers have no intrinsics for them under a function attribute.
#define RIDGELINE_NEON_CHAINS(NAME, TARGET, INSTRUCTION)                             \
  TARGET double NAME(int64_t iterations) {                                           \
    int32x4_t sums[kChains];                                                         \
    for (int i = 0; i < kChains; ++i) sums[i] = vdupq_n_s32(0);                      \
    const int8x16_t a = vdupq_n_s8(0), b = vdupq_n_s8(0);                            \
    for (int64_t n = 0; n < iterations; ++n) {                                       \
      for (auto& sum : sums) asm volatile(INSTRUCTION : "+w"(sum) : "w"(a), "w"(b)); \
    }                                                                                \
    for (int i = 1; i < kChains; ++i) sums[0] = veorq_s32(sums[0], sums[i]);         \
    return static_cast<double>(vgetq_lane_s32(sums[0], 0));                          \
  }

RIDGELINE_NEON_CHAINS(int8Dot, RIDGELINE_DOTPROD, "sdot %0.4s, %1.16b, %2.16b")
RIDGELINE_NEON_CHAINS(int8Matrix, RIDGELINE_I8MM, "smmla %0.4s, %1.16b, %2.16b")
RIDGELINE_NEON_CHAINS(bfloat16Dot, RIDGELINE_BF16, "bfdot %0.4s, %1.8h, %2.8h")
RIDGELINE_NEON_CHAINS(bfloat16Matrix, RIDGELINE_BF16, "bfmmla %0.4s, %1.8h, %2.8h")

}  // namespace

void appendNeonKernels(const Processor& processor, std::vector<ComputeKernel>& kernels) {
  const auto has = [&](std::string_view name) { return hasIsa(processor, name); };
  constexpr auto ops = [](int products) { return 2.0 * products * kChains; };
  if (has("neon")) kernels.push_back({"float32", "NEON FMLA, 16 accumulators", ops(4), floatNeon});
  if (has("bf16")) {
    kernels.push_back({"bfloat16", "NEON BFDOT, 16 accumulators", ops(8), bfloat16Dot});
    kernels.push_back({"bfloat16", "NEON BFMMLA, 16 accumulators", ops(16), bfloat16Matrix});
  }
  if (has("dotprod")) kernels.push_back({"int8", "NEON SDOT, 16 accumulators", ops(16), int8Dot});
  if (has("i8mm")) kernels.push_back({"int8", "NEON SMMLA, 16 accumulators", ops(32), int8Matrix});
}

}  // namespace ridgeline::cpu

#else

namespace ridgeline::cpu {
void appendNeonKernels(const Processor&, std::vector<ComputeKernel>&) {}
}  // namespace ridgeline::cpu

#endif
