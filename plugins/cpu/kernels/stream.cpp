// Reading and triad loops, one pair an instruction set. A read only brings data into registers: any arithmetic on it,
// even an exclusive or, is slower than an L1 cache.
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

// One reading and one triad loop over a vector type. LOAD makes an IVEC, and an empty instruction asks for it in a
// register of the class REGISTER, so that no load can be left out; FLOAD, FMA and FSTORE act on an FVEC.
#define RIDGELINE_STREAM(NAME, TARGET, IVEC, REGISTER, LOAD, FVEC, FSET, FLOAD, FMA, FSTORE)         \
  TARGET void read##NAME(const void* data, int64_t bytes, int64_t passes) {                          \
    constexpr size_t kUnroll = 8;                                                                    \
    for (int64_t pass = 0; pass < passes; ++pass) {                                                  \
      const char* end = static_cast<const char*>(data) + bytes;                                      \
      for (const char* p = static_cast<const char*>(data); p < end; p += kUnroll * sizeof(IVEC)) {   \
        for (size_t i = 0; i < kUnroll; ++i) {                                                       \
          const IVEC value = LOAD(p + i * sizeof(IVEC));                                             \
          asm volatile("" : : REGISTER(value));                                                      \
        }                                                                                            \
      }                                                                                              \
      RIDGELINE_MEMORY_FENCE();                                                                      \
    }                                                                                                \
  }                                                                                                  \
  TARGET void triad##NAME(float* a, const float* b, const float* c, int64_t count, int64_t passes) { \
    constexpr int64_t kLanes = sizeof(FVEC) / sizeof(float), kUnroll = 4;                            \
    const FVEC scale = FSET(kScale);                                                                 \
    for (int64_t pass = 0; pass < passes; ++pass) {                                                  \
      for (int64_t i = 0; i < count; i += kUnroll * kLanes) {                                        \
        for (int64_t u = 0; u < kUnroll; ++u) {                                                      \
          const int64_t k = i + u * kLanes;                                                          \
          FSTORE(a + k, FMA(scale, FLOAD(c + k), FLOAD(b + k)));                                     \
        }                                                                                            \
      }                                                                                              \
      RIDGELINE_MEMORY_FENCE();                                                                      \
    }                                                                                                \
  }

#if defined(__x86_64__)

#define LOAD_512(p) _mm512_load_si512(reinterpret_cast<const __m512i*>(p))
#define LOAD_256(p) _mm256_load_si256(reinterpret_cast<const __m256i*>(p))
#define LOAD_128(p) _mm_load_si128(reinterpret_cast<const __m128i*>(p))
#define MUL_ADD_128(x, y, z) _mm_add_ps(_mm_mul_ps(x, y), z)

RIDGELINE_STREAM(Avx512, RIDGELINE_TARGET("avx512f"), __m512i, "v", LOAD_512, __m512, _mm512_set1_ps, _mm512_load_ps,
                 _mm512_fmadd_ps, _mm512_store_ps)
RIDGELINE_STREAM(Avx2, RIDGELINE_TARGET("avx2,fma"), __m256i, "x", LOAD_256, __m256, _mm256_set1_ps, _mm256_load_ps,
                 _mm256_fmadd_ps, _mm256_store_ps)
RIDGELINE_STREAM(Sse2, , __m128i, "x", LOAD_128, __m128, _mm_set1_ps, _mm_load_ps, MUL_ADD_128, _mm_store_ps)

#elif defined(__aarch64__)

#define LOAD_NEON(p) vld1q_u64(reinterpret_cast<const uint64_t*>(p))
#define FMA_NEON(x, y, z) vfmaq_f32(z, x, y)

RIDGELINE_STREAM(Neon, , uint64x2_t, "w", LOAD_NEON, float32x4_t, vdupq_n_f32, vld1q_f32, FMA_NEON, vst1q_f32)

#endif

#define SCALAR_SET(x) (x)
#define WORD_LOAD(p) (*reinterpret_cast<const uint64_t*>(p))
#define FLOAT_LOAD(p) (*(p))
#define FLOAT_STORE(p, v) (*(p) = (v))
#define FLOAT_MUL_ADD(x, y, z) ((x) * (y) + (z))

RIDGELINE_STREAM(Portable, , uint64_t, "r", WORD_LOAD, float, SCALAR_SET, FLOAT_LOAD, FLOAT_MUL_ADD, FLOAT_STORE)

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
