// Reading and triad loops, one pair an instruction set. Integer XOR consumes what was read: it takes one cycle, so
// eight chains keep any number of load ports busy.
#include "plugins/cpu/detect/isa.h"
#include "plugins/cpu/kernels/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// Keeps a compiler from merging passes over the same memory.
#define RIDGELINE_MEMORY_FENCE() asm volatile("" ::: "memory")

namespace ridgeline::cpu {
namespace {

constexpr float kScale = 0.4f;

// One reading and one triad loop over a vector type; LOAD, STORE, XOR and FMA act on whole vectors.
#define RIDGELINE_STREAM(NAME, TARGET, IVEC, IZERO, ILOAD, XOR, ISTORE, FVEC, FSET, FLOAD, FMA, FSTORE)             \
  TARGET uint64_t read##NAME(const void* data, int64_t bytes, int64_t passes) {                                     \
    constexpr int kChains = 8;                                                                                      \
    IVEC sums[kChains];                                                                                             \
    for (auto& sum : sums) sum = IZERO();                                                                           \
    for (int64_t pass = 0; pass < passes; ++pass) {                                                                 \
      RIDGELINE_MEMORY_FENCE();                                                                                     \
      const char* end = static_cast<const char*>(data) + bytes;                                                     \
      for (const char* p = static_cast<const char*>(data); p < end; p += kChains * sizeof(IVEC)) {                  \
        for (size_t i = 0; i < kChains; ++i) sums[i] = XOR(sums[i], ILOAD(p + i * sizeof(IVEC)));                   \
      }                                                                                                             \
    }                                                                                                               \
    for (int i = 1; i < kChains; ++i) sums[0] = XOR(sums[0], sums[i]);                                              \
    alignas(64) uint64_t words[sizeof(IVEC) / sizeof(uint64_t)];                                                    \
    ISTORE(words, sums[0]);                                                                                         \
    return words[0];                                                                                                \
  }                                                                                                                 \
  TARGET void triad##NAME(float* a, const float* b, const float* c, int64_t count, int64_t passes) {                \
    constexpr int64_t kLanes = sizeof(FVEC) / sizeof(float);                                                        \
    const FVEC scale = FSET(kScale);                                                                                \
    for (int64_t pass = 0; pass < passes; ++pass) {                                                                 \
      RIDGELINE_MEMORY_FENCE();                                                                                     \
      for (int64_t i = 0; i < count; i += 4 * kLanes) {                                                             \
        for (int64_t k = i; k < i + 4 * kLanes; k += kLanes) FSTORE(a + k, FMA(scale, FLOAD(c + k), FLOAD(b + k))); \
      }                                                                                                             \
    }                                                                                                               \
  }

#if defined(__x86_64__)

#define LOAD_512(p) _mm512_load_si512(reinterpret_cast<const __m512i*>(p))
#define LOAD_256(p) _mm256_load_si256(reinterpret_cast<const __m256i*>(p))
#define LOAD_128(p) _mm_load_si128(reinterpret_cast<const __m128i*>(p))
#define STORE_512(p, v) _mm512_store_si512(reinterpret_cast<__m512i*>(p), v)
#define STORE_256(p, v) _mm256_store_si256(reinterpret_cast<__m256i*>(p), v)
#define STORE_128(p, v) _mm_store_si128(reinterpret_cast<__m128i*>(p), v)
#define MUL_ADD_128(x, y, z) _mm_add_ps(_mm_mul_ps(x, y), z)

RIDGELINE_STREAM(Avx512, RIDGELINE_TARGET("avx512f"), __m512i, _mm512_setzero_si512, LOAD_512, _mm512_xor_si512,
                 STORE_512, __m512, _mm512_set1_ps, _mm512_load_ps, _mm512_fmadd_ps, _mm512_store_ps)
RIDGELINE_STREAM(Avx2, RIDGELINE_TARGET("avx2,fma"), __m256i, _mm256_setzero_si256, LOAD_256, _mm256_xor_si256,
                 STORE_256, __m256, _mm256_set1_ps, _mm256_load_ps, _mm256_fmadd_ps, _mm256_store_ps)
RIDGELINE_STREAM(Sse2, , __m128i, _mm_setzero_si128, LOAD_128, _mm_xor_si128, STORE_128, __m128, _mm_set1_ps,
                 _mm_load_ps, MUL_ADD_128, _mm_store_ps)

#elif defined(__aarch64__)

#define ZERO_NEON() vdupq_n_u64(0)
#define LOAD_NEON(p) vld1q_u64(reinterpret_cast<const uint64_t*>(p))
#define FMA_NEON(x, y, z) vfmaq_f32(z, x, y)

RIDGELINE_STREAM(Neon, , uint64x2_t, ZERO_NEON, LOAD_NEON, veorq_u64, vst1q_u64, float32x4_t, vdupq_n_f32, vld1q_f32,
                 FMA_NEON, vst1q_f32)

#endif

#define IDENTITY_ZERO() \
  uint64_t { 0 }
#define IDENTITY_SET(x) (x)
#define WORD_LOAD(p) (*reinterpret_cast<const uint64_t*>(p))
#define WORD_STORE(p, v) (*(p) = (v))
#define WORD_XOR(x, y) ((x) ^ (y))
#define FLOAT_LOAD(p) (*(p))
#define FLOAT_MUL_ADD(x, y, z) ((x) * (y) + (z))

RIDGELINE_STREAM(Portable, , uint64_t, IDENTITY_ZERO, WORD_LOAD, WORD_XOR, WORD_STORE, float, IDENTITY_SET, FLOAT_LOAD,
                 FLOAT_MUL_ADD, WORD_STORE)

}  // namespace

StreamKernels streamKernels(const Processor& processor) {
#if defined(__x86_64__)
  if (hasIsa(processor, "avx512f")) return {"512-bit loads and stores", readAvx512, triadAvx512};
  if (hasIsa(processor, "avx2") && hasIsa(processor, "fma")) return {"256-bit loads and stores", readAvx2, triadAvx2};
  return {"128-bit loads and stores", readSse2, triadSse2};
#elif defined(__aarch64__)
  if (hasIsa(processor, "neon")) return {"NEON loads and stores", readNeon, triadNeon};
#endif
  return {"64-bit loads and stores", readPortable, triadPortable};
}

}  // namespace ridgeline::cpu
