// The kernels that roofs are measured by. Their last argument is the number of passes.
#pragma once

namespace ridgeline::opencl {

constexpr int kAccumulators = 8;
constexpr int kFmaPerPass = 16 * kAccumulators;  // of a work-item, each on a whole vector

// Independent chains, so that the latency of one hides behind the others; values stay near 1.
inline constexpr const char* kFmaKernel = R"cl(
#if defined(cl_khr_fp64)
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#if defined(cl_khr_fp16)
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#endif
#define STEP a0 = FMA(a0, m, c); a1 = FMA(a1, m, c); a2 = FMA(a2, m, c); a3 = FMA(a3, m, c); \
             a4 = FMA(a4, m, c); a5 = FMA(a5, m, c); a6 = FMA(a6, m, c); a7 = FMA(a7, m, c);
#define STEP4 STEP STEP STEP STEP
kernel void peak(global V* out, int passes) {
  const V m = (V)((S)0.5f), c = (V)((S)0.5f) + (V)((S)get_local_id(0)) * (V)((S)0.001f);
  V a0 = c, a1 = c + m, a2 = c - m, a3 = m, a4 = c * m, a5 = m + m, a6 = c + c, a7 = m - c;
  for (int i = 0; i < passes; ++i) { STEP4 STEP4 STEP4 STEP4 }
  out[get_global_id(0)] = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7;
}
)cl";

// Memory is gone through in two orders, and the faster one is the device's: work-items of a group next to each other,
// as GPUs like it, or each work-item through a stretch of its own, as processors do. Each pass goes over everything.
// What nobody has written may not be in memory at all, or be one page of zeros everywhere: fill() comes first.
inline constexpr const char* kStreamKernels = R"cl(
#ifdef STRETCHES
#define FIRST (get_global_id(0) * (count / get_global_size(0)))
#define LAST (FIRST + count / get_global_size(0))
#define STEP 1
#else
#define FIRST get_global_id(0)
#define LAST count
#define STEP get_global_size(0)
#endif
kernel void fill(global float4* out, ulong count) {
  const ulong first = FIRST, last = LAST, step = STEP;
  for (ulong i = first; i < last; i += step) out[i] = (float4)((float)(i % 1021)) + (float4)(0.1f, 0.2f, 0.3f, 0.4f);
}
kernel void read_all(global const float4* in, global float4* out, ulong count, int passes) {
  float4 a = (float4)(0.0f), b = a, c = a, d = a;
  const ulong first = FIRST, last = LAST, step = STEP;
  for (int pass = 0; pass < passes; ++pass) {
    for (ulong i = first; i < last; i += 4 * step) {
      a += in[i];
      b += in[i + step];
      c += in[i + 2 * step];
      d += in[i + 3 * step];
    }
  }
  out[get_global_id(0)] = a + b + c + d;
}
kernel void triad(global float4* a, global const float4* b, global const float4* c, ulong count, int passes) {
  const ulong first = FIRST, last = LAST, step = STEP;
  for (int pass = 0; pass < passes; ++pass) {
    for (ulong i = first; i < last; i += step) a[i] = b[i] + 3.0f * c[i];
  }
}
)cl";

}  // namespace ridgeline::opencl
