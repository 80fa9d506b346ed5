// The device's mathematics, which overloads the host's: each function of one double with its float form.
#pragma once

#define RIDGELINE_MATH_1(name)                  \
  extern "C" __device__ float name##f(float x); \
  extern "C" __device__ double name(double x);  \
  __device__ static inline float name(float x) { return name##f(x); }
#define RIDGELINE_MATH_2(name)                           \
  extern "C" __device__ float name##f(float x, float y); \
  extern "C" __device__ double name(double x, double y); \
  __device__ static inline float name(float x, float y) { return name##f(x, y); }

RIDGELINE_MATH_1(sqrt)
RIDGELINE_MATH_1(rsqrt)
RIDGELINE_MATH_1(cbrt)
RIDGELINE_MATH_1(exp)
RIDGELINE_MATH_1(exp2)
RIDGELINE_MATH_1(exp10)
RIDGELINE_MATH_1(expm1)
RIDGELINE_MATH_1(log)
RIDGELINE_MATH_1(log2)
RIDGELINE_MATH_1(log10)
RIDGELINE_MATH_1(log1p)
RIDGELINE_MATH_1(sin)
RIDGELINE_MATH_1(cos)
RIDGELINE_MATH_1(tan)
RIDGELINE_MATH_1(sinpi)
RIDGELINE_MATH_1(cospi)
RIDGELINE_MATH_1(asin)
RIDGELINE_MATH_1(acos)
RIDGELINE_MATH_1(atan)
RIDGELINE_MATH_1(sinh)
RIDGELINE_MATH_1(cosh)
RIDGELINE_MATH_1(tanh)
RIDGELINE_MATH_1(asinh)
RIDGELINE_MATH_1(acosh)
RIDGELINE_MATH_1(atanh)
RIDGELINE_MATH_1(floor)
RIDGELINE_MATH_1(ceil)
RIDGELINE_MATH_1(fabs)
RIDGELINE_MATH_1(trunc)
RIDGELINE_MATH_1(round)
RIDGELINE_MATH_1(rint)
RIDGELINE_MATH_1(nearbyint)
RIDGELINE_MATH_1(erf)
RIDGELINE_MATH_1(erfc)
RIDGELINE_MATH_1(erfinv)
RIDGELINE_MATH_1(erfcinv)
RIDGELINE_MATH_1(erfcx)
RIDGELINE_MATH_1(normcdf)
RIDGELINE_MATH_1(normcdfinv)
RIDGELINE_MATH_1(lgamma)
RIDGELINE_MATH_1(tgamma)
RIDGELINE_MATH_1(j0)
RIDGELINE_MATH_1(j1)
RIDGELINE_MATH_1(y0)
RIDGELINE_MATH_1(y1)
RIDGELINE_MATH_2(pow)
RIDGELINE_MATH_2(fmod)
RIDGELINE_MATH_2(remainder)
RIDGELINE_MATH_2(fdim)
RIDGELINE_MATH_2(fmax)
RIDGELINE_MATH_2(fmin)
RIDGELINE_MATH_2(atan2)
RIDGELINE_MATH_2(copysign)
RIDGELINE_MATH_2(hypot)
RIDGELINE_MATH_2(nextafter)
#undef RIDGELINE_MATH_1
#undef RIDGELINE_MATH_2

extern "C" {
__device__ float fmaf(float a, float b, float c);
__device__ double fma(double a, double b, double c);
__device__ float ldexpf(float x, int exponent);
__device__ double ldexp(double x, int exponent);
__device__ float frexpf(float x, int* exponent);
__device__ double frexp(double x, int* exponent);
__device__ float modff(float x, float* whole);
__device__ double modf(double x, double* whole);
__device__ float powif(float x, int exponent);
__device__ long lroundf(float x);
__device__ long lround(double x);
__device__ long lrintf(float x);
__device__ long lrint(double x);
__device__ long long llrintf(float x);
__device__ long long llrint(double x);
__device__ void sincosf(float x, float* s, float* c);
__device__ void sincos(double x, double* s, double* c);
__device__ void sincospif(float x, float* s, float* c);
__device__ float norm3df(float x, float y, float z);
__device__ float rnorm3df(float x, float y, float z);
__device__ float rhypotf(float x, float y);
__device__ int abs(int x);
__device__ long labs(long x);
__device__ long long llabs(long long x);
__device__ int printf(const char* format, ...);
}
__device__ static inline float fma(float a, float b, float c) { return fmaf(a, b, c); }
__device__ static inline float ldexp(float x, int exponent) { return ldexpf(x, exponent); }
__device__ static inline float abs(float x) { return fabsf(x); }
__device__ static inline double abs(double x) { return fabs(x); }
__device__ static inline long lround(float x) { return lroundf(x); }
__device__ static inline double pow(double x, int exponent) { return pow(x, static_cast<double>(exponent)); }
__device__ static inline float pow(float x, int exponent) { return powif(x, exponent); }

template <class T>
RIDGELINE_HD T max(T a, T b) {
  return a < b ? b : a;
}
template <class T>
RIDGELINE_HD T min(T a, T b) {
  return b < a ? b : a;
}
// Of two types: as the conditional operator converts them.
template <class A, class B>
RIDGELINE_HD auto max(A a, B b) -> decltype(true ? a : b) {
  return a < b ? b : a;
}
template <class A, class B>
RIDGELINE_HD auto min(A a, B b) -> decltype(true ? a : b) {
  return b < a ? b : a;
}
RIDGELINE_HD float max(float a, float b) { return a < b ? b : a; }
RIDGELINE_HD float min(float a, float b) { return b < a ? b : a; }
RIDGELINE_HD unsigned umax(unsigned a, unsigned b) { return a < b ? b : a; }
RIDGELINE_HD unsigned umin(unsigned a, unsigned b) { return b < a ? b : a; }
