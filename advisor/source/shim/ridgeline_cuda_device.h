// Intrinsics and atomics of device code.
#pragma once

__device__ int __syncthreads_count(int predicate);
__device__ int __syncthreads_and(int predicate);
__device__ int __syncthreads_or(int predicate);
__device__ void __syncwarp(unsigned mask = 0xffffffffu);
__device__ void __threadfence();
__device__ void __threadfence_block();
__device__ void __threadfence_system();
__device__ unsigned __activemask();
__device__ unsigned __ballot_sync(unsigned mask, int predicate);
__device__ int __all_sync(unsigned mask, int predicate);
__device__ int __any_sync(unsigned mask, int predicate);
__device__ unsigned __ballot(int predicate);
__device__ int __all(int predicate);
__device__ int __any(int predicate);
__device__ long long clock64();
__device__ long clock();
__device__ void __nanosleep(unsigned ns);
__device__ void __trap();
__device__ void __brkpt();
__device__ unsigned __isShared(const void* p);
__device__ unsigned __isGlobal(const void* p);
__device__ size_t __cvta_generic_to_shared(const void* p);

// Of bits and integers.
__device__ int __popc(unsigned x);
__device__ int __popcll(unsigned long long x);
__device__ int __clz(int x);
__device__ int __clzll(long long x);
__device__ int __ffs(int x);
__device__ int __ffsll(long long x);
__device__ unsigned __brev(unsigned x);
__device__ unsigned long long __brevll(unsigned long long x);
__device__ unsigned __byte_perm(unsigned x, unsigned y, unsigned selector);
__device__ unsigned __funnelshift_l(unsigned low, unsigned high, unsigned by);
__device__ unsigned __funnelshift_r(unsigned low, unsigned high, unsigned by);
__device__ int __mul24(int a, int b);
__device__ unsigned __umul24(unsigned a, unsigned b);
__device__ int __mulhi(int a, int b);
__device__ unsigned __umulhi(unsigned a, unsigned b);
__device__ long long __mul64hi(long long a, long long b);
__device__ unsigned long long __umul64hi(unsigned long long a, unsigned long long b);
__device__ unsigned __sad(int a, int b, unsigned c);
__device__ unsigned __usad(unsigned a, unsigned b, unsigned c);
__device__ int __dp4a(int a, int b, int c);
__device__ unsigned __dp4a(unsigned a, unsigned b, unsigned c);
__device__ unsigned __vadd4(unsigned a, unsigned b);
__device__ unsigned __vsub4(unsigned a, unsigned b);
__device__ unsigned __vsubss4(unsigned a, unsigned b);
__device__ unsigned __vcmpeq4(unsigned a, unsigned b);
__device__ unsigned __vcmpne4(unsigned a, unsigned b);

// Of floating point: the same bits, conversions with a rounding, and fast forms.
__device__ float __int_as_float(int x);
__device__ int __float_as_int(float x);
__device__ unsigned __float_as_uint(float x);
__device__ float __uint_as_float(unsigned x);
__device__ long long __double_as_longlong(double x);
__device__ double __longlong_as_double(long long x);
__device__ int __double2hiint(double x);
__device__ int __double2loint(double x);
__device__ double __hiloint2double(int high, int low);
#define RIDGELINE_CONVERT(from, From, to, To) \
  __device__ To __##from##2##to##_rn(From x); \
  __device__ To __##from##2##to##_rz(From x); \
  __device__ To __##from##2##to##_rd(From x); \
  __device__ To __##from##2##to##_ru(From x);
RIDGELINE_CONVERT(float, float, int, int)
RIDGELINE_CONVERT(float, float, uint, unsigned)
RIDGELINE_CONVERT(float, float, ll, long long)
RIDGELINE_CONVERT(float, float, ull, unsigned long long)
RIDGELINE_CONVERT(double, double, int, int)
RIDGELINE_CONVERT(double, double, uint, unsigned)
RIDGELINE_CONVERT(double, double, ll, long long)
RIDGELINE_CONVERT(double, double, float, float)
RIDGELINE_CONVERT(int, int, float, float)
RIDGELINE_CONVERT(uint, unsigned, float, float)
RIDGELINE_CONVERT(ll, long long, float, float)
RIDGELINE_CONVERT(ull, unsigned long long, float, float)
RIDGELINE_CONVERT(ll, long long, double, double)
RIDGELINE_CONVERT(ull, unsigned long long, double, double)
#undef RIDGELINE_CONVERT
__device__ double __int2double_rn(int x);
__device__ double __uint2double_rn(unsigned x);
#define RIDGELINE_ROUNDED(mode)                                 \
  __device__ float __fadd_##mode(float a, float b);             \
  __device__ float __fsub_##mode(float a, float b);             \
  __device__ float __fmul_##mode(float a, float b);             \
  __device__ float __fdiv_##mode(float a, float b);             \
  __device__ float __fmaf_##mode(float a, float b, float c);    \
  __device__ float __frcp_##mode(float x);                      \
  __device__ float __fsqrt_##mode(float x);                     \
  __device__ double __dadd_##mode(double a, double b);          \
  __device__ double __dsub_##mode(double a, double b);          \
  __device__ double __dmul_##mode(double a, double b);          \
  __device__ double __ddiv_##mode(double a, double b);          \
  __device__ double __fma_##mode(double a, double b, double c); \
  __device__ double __drcp_##mode(double x);                    \
  __device__ double __dsqrt_##mode(double x);
RIDGELINE_ROUNDED(rn)
RIDGELINE_ROUNDED(rz)
RIDGELINE_ROUNDED(rd)
RIDGELINE_ROUNDED(ru)
#undef RIDGELINE_ROUNDED
__device__ float __frsqrt_rn(float x);
__device__ float __fdividef(float a, float b);
__device__ float __expf(float x);
__device__ float __exp10f(float x);
__device__ float __logf(float x);
__device__ float __log2f(float x);
__device__ float __log10f(float x);
__device__ float __powf(float x, float y);
__device__ float __sinf(float x);
__device__ float __cosf(float x);
__device__ float __tanf(float x);
__device__ void __sincosf(float x, float* s, float* c);
__device__ float __saturatef(float x);

// Values of other threads of the warp; without _sync as it was before Volta.
#define RIDGELINE_SHUFFLE(name, by)                                          \
  template <class T>                                                         \
  __device__ T name##_sync(unsigned mask, T value, by from, int width = 32); \
  template <class T>                                                         \
  __device__ T name(T value, by from, int width = 32);
RIDGELINE_SHUFFLE(__shfl, int)
RIDGELINE_SHUFFLE(__shfl_down, unsigned)
RIDGELINE_SHUFFLE(__shfl_up, unsigned)
RIDGELINE_SHUFFLE(__shfl_xor, int)
#undef RIDGELINE_SHUFFLE
template <class T>
__device__ unsigned __match_any_sync(unsigned mask, T value);
template <class T>
__device__ unsigned __match_all_sync(unsigned mask, T value, int* same);
template <class T>
__device__ T __reduce_add_sync(unsigned mask, T value);
template <class T>
__device__ T __reduce_min_sync(unsigned mask, T value);
template <class T>
__device__ T __reduce_max_sync(unsigned mask, T value);

// Loads and stores with a hint for the caches.
#define RIDGELINE_LOAD(name)      \
  template <class T>              \
  __device__ T name(const T* p) { \
    return *p;                    \
  }
RIDGELINE_LOAD(__ldg)
RIDGELINE_LOAD(__ldca)
RIDGELINE_LOAD(__ldcg)
RIDGELINE_LOAD(__ldcs)
RIDGELINE_LOAD(__ldcv)
RIDGELINE_LOAD(__ldlu)
#undef RIDGELINE_LOAD
#define RIDGELINE_STORE(name)           \
  template <class T>                    \
  __device__ void name(T* p, T value) { \
    *p = value;                         \
  }
RIDGELINE_STORE(__stcg)
RIDGELINE_STORE(__stcs)
RIDGELINE_STORE(__stwb)
RIDGELINE_STORE(__stwt)
#undef RIDGELINE_STORE

#define RIDGELINE_ATOMIC(name)              \
  template <class T, class U>               \
  __device__ T name(T* p, U value);         \
  template <class T, class U>               \
  __device__ T name##_block(T* p, U value); \
  template <class T, class U>               \
  __device__ T name##_system(T* p, U value);
RIDGELINE_ATOMIC(atomicAdd)
RIDGELINE_ATOMIC(atomicSub)
RIDGELINE_ATOMIC(atomicExch)
RIDGELINE_ATOMIC(atomicMin)
RIDGELINE_ATOMIC(atomicMax)
RIDGELINE_ATOMIC(atomicInc)
RIDGELINE_ATOMIC(atomicDec)
RIDGELINE_ATOMIC(atomicAnd)
RIDGELINE_ATOMIC(atomicOr)
RIDGELINE_ATOMIC(atomicXor)
#undef RIDGELINE_ATOMIC
template <class T, class U, class V>
__device__ T atomicCAS(T* p, U compare, V value);
template <class T, class U, class V>
__device__ T atomicCAS_block(T* p, U compare, V value);
template <class T, class U, class V>
__device__ T atomicCAS_system(T* p, U compare, V value);
