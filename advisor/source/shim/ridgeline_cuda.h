// CUDA's language and the commonly used part of its API, declared for parsing without a toolkit.
#pragma once

// Before the declarations below, which overload the host's for the device.
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define __constant__ __attribute__((constant))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __host__ __attribute__((host))
#define __shared__ __attribute__((shared))
#define __managed__ __attribute__((managed))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__
#define CUDART_CB
#define CUDARTAPI
#define CUDART_INF_F __builtin_huge_valf()
#define CUDART_INF __builtin_huge_val()
#define CUDART_PI_F 3.141592654f
#define CUDART_PI 3.1415926535897931

#define RIDGELINE_HD __host__ __device__ static inline

struct char1 {
  char x;
};
RIDGELINE_HD char1 make_char1(char x) { return char1{x}; }
struct __align__(2) char2 {
  char x;
  char y;
};
RIDGELINE_HD char2 make_char2(char x, char y) { return char2{x, y}; }
struct char3 {
  char x;
  char y;
  char z;
};
RIDGELINE_HD char3 make_char3(char x, char y, char z) { return char3{x, y, z}; }
struct __align__(4) char4 {
  char x;
  char y;
  char z;
  char w;
};
RIDGELINE_HD char4 make_char4(char x, char y, char z, char w) { return char4{x, y, z, w}; }
struct uchar1 {
  unsigned char x;
};
RIDGELINE_HD uchar1 make_uchar1(unsigned char x) { return uchar1{x}; }
struct __align__(2) uchar2 {
  unsigned char x;
  unsigned char y;
};
RIDGELINE_HD uchar2 make_uchar2(unsigned char x, unsigned char y) { return uchar2{x, y}; }
struct uchar3 {
  unsigned char x;
  unsigned char y;
  unsigned char z;
};
RIDGELINE_HD uchar3 make_uchar3(unsigned char x, unsigned char y, unsigned char z) { return uchar3{x, y, z}; }
struct __align__(4) uchar4 {
  unsigned char x;
  unsigned char y;
  unsigned char z;
  unsigned char w;
};
RIDGELINE_HD uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w) {
  return uchar4{x, y, z, w};
}
struct short1 {
  short x;
};
RIDGELINE_HD short1 make_short1(short x) { return short1{x}; }
struct __align__(4) short2 {
  short x;
  short y;
};
RIDGELINE_HD short2 make_short2(short x, short y) { return short2{x, y}; }
struct short3 {
  short x;
  short y;
  short z;
};
RIDGELINE_HD short3 make_short3(short x, short y, short z) { return short3{x, y, z}; }
struct __align__(8) short4 {
  short x;
  short y;
  short z;
  short w;
};
RIDGELINE_HD short4 make_short4(short x, short y, short z, short w) { return short4{x, y, z, w}; }
struct ushort1 {
  unsigned short x;
};
RIDGELINE_HD ushort1 make_ushort1(unsigned short x) { return ushort1{x}; }
struct __align__(4) ushort2 {
  unsigned short x;
  unsigned short y;
};
RIDGELINE_HD ushort2 make_ushort2(unsigned short x, unsigned short y) { return ushort2{x, y}; }
struct ushort3 {
  unsigned short x;
  unsigned short y;
  unsigned short z;
};
RIDGELINE_HD ushort3 make_ushort3(unsigned short x, unsigned short y, unsigned short z) { return ushort3{x, y, z}; }
struct __align__(8) ushort4 {
  unsigned short x;
  unsigned short y;
  unsigned short z;
  unsigned short w;
};
RIDGELINE_HD ushort4 make_ushort4(unsigned short x, unsigned short y, unsigned short z, unsigned short w) {
  return ushort4{x, y, z, w};
}
struct int1 {
  int x;
};
RIDGELINE_HD int1 make_int1(int x) { return int1{x}; }
struct __align__(8) int2 {
  int x;
  int y;
};
RIDGELINE_HD int2 make_int2(int x, int y) { return int2{x, y}; }
struct int3 {
  int x;
  int y;
  int z;
};
RIDGELINE_HD int3 make_int3(int x, int y, int z) { return int3{x, y, z}; }
struct __align__(16) int4 {
  int x;
  int y;
  int z;
  int w;
};
RIDGELINE_HD int4 make_int4(int x, int y, int z, int w) { return int4{x, y, z, w}; }
struct uint1 {
  unsigned int x;
};
RIDGELINE_HD uint1 make_uint1(unsigned int x) { return uint1{x}; }
struct __align__(8) uint2 {
  unsigned int x;
  unsigned int y;
};
RIDGELINE_HD uint2 make_uint2(unsigned int x, unsigned int y) { return uint2{x, y}; }
struct uint3 {
  unsigned int x;
  unsigned int y;
  unsigned int z;
};
RIDGELINE_HD uint3 make_uint3(unsigned int x, unsigned int y, unsigned int z) { return uint3{x, y, z}; }
struct __align__(16) uint4 {
  unsigned int x;
  unsigned int y;
  unsigned int z;
  unsigned int w;
};
RIDGELINE_HD uint4 make_uint4(unsigned int x, unsigned int y, unsigned int z, unsigned int w) {
  return uint4{x, y, z, w};
}
struct long1 {
  long x;
};
RIDGELINE_HD long1 make_long1(long x) { return long1{x}; }
struct __align__(16) long2 {
  long x;
  long y;
};
RIDGELINE_HD long2 make_long2(long x, long y) { return long2{x, y}; }
struct long3 {
  long x;
  long y;
  long z;
};
RIDGELINE_HD long3 make_long3(long x, long y, long z) { return long3{x, y, z}; }
struct __align__(16) long4 {
  long x;
  long y;
  long z;
  long w;
};
RIDGELINE_HD long4 make_long4(long x, long y, long z, long w) { return long4{x, y, z, w}; }
struct ulong1 {
  unsigned long x;
};
RIDGELINE_HD ulong1 make_ulong1(unsigned long x) { return ulong1{x}; }
struct __align__(16) ulong2 {
  unsigned long x;
  unsigned long y;
};
RIDGELINE_HD ulong2 make_ulong2(unsigned long x, unsigned long y) { return ulong2{x, y}; }
struct ulong3 {
  unsigned long x;
  unsigned long y;
  unsigned long z;
};
RIDGELINE_HD ulong3 make_ulong3(unsigned long x, unsigned long y, unsigned long z) { return ulong3{x, y, z}; }
struct __align__(16) ulong4 {
  unsigned long x;
  unsigned long y;
  unsigned long z;
  unsigned long w;
};
RIDGELINE_HD ulong4 make_ulong4(unsigned long x, unsigned long y, unsigned long z, unsigned long w) {
  return ulong4{x, y, z, w};
}
struct longlong1 {
  long long x;
};
RIDGELINE_HD longlong1 make_longlong1(long long x) { return longlong1{x}; }
struct __align__(16) longlong2 {
  long long x;
  long long y;
};
RIDGELINE_HD longlong2 make_longlong2(long long x, long long y) { return longlong2{x, y}; }
struct longlong3 {
  long long x;
  long long y;
  long long z;
};
RIDGELINE_HD longlong3 make_longlong3(long long x, long long y, long long z) { return longlong3{x, y, z}; }
struct __align__(16) longlong4 {
  long long x;
  long long y;
  long long z;
  long long w;
};
RIDGELINE_HD longlong4 make_longlong4(long long x, long long y, long long z, long long w) {
  return longlong4{x, y, z, w};
}
struct ulonglong1 {
  unsigned long long x;
};
RIDGELINE_HD ulonglong1 make_ulonglong1(unsigned long long x) { return ulonglong1{x}; }
struct __align__(16) ulonglong2 {
  unsigned long long x;
  unsigned long long y;
};
RIDGELINE_HD ulonglong2 make_ulonglong2(unsigned long long x, unsigned long long y) { return ulonglong2{x, y}; }
struct ulonglong3 {
  unsigned long long x;
  unsigned long long y;
  unsigned long long z;
};
RIDGELINE_HD ulonglong3 make_ulonglong3(unsigned long long x, unsigned long long y, unsigned long long z) {
  return ulonglong3{x, y, z};
}
struct __align__(16) ulonglong4 {
  unsigned long long x;
  unsigned long long y;
  unsigned long long z;
  unsigned long long w;
};
RIDGELINE_HD ulonglong4 make_ulonglong4(unsigned long long x, unsigned long long y, unsigned long long z,
                                        unsigned long long w) {
  return ulonglong4{x, y, z, w};
}
struct float1 {
  float x;
};
RIDGELINE_HD float1 make_float1(float x) { return float1{x}; }
struct __align__(8) float2 {
  float x;
  float y;
};
RIDGELINE_HD float2 make_float2(float x, float y) { return float2{x, y}; }
struct float3 {
  float x;
  float y;
  float z;
};
RIDGELINE_HD float3 make_float3(float x, float y, float z) { return float3{x, y, z}; }
struct __align__(16) float4 {
  float x;
  float y;
  float z;
  float w;
};
RIDGELINE_HD float4 make_float4(float x, float y, float z, float w) { return float4{x, y, z, w}; }
struct double1 {
  double x;
};
RIDGELINE_HD double1 make_double1(double x) { return double1{x}; }
struct __align__(16) double2 {
  double x;
  double y;
};
RIDGELINE_HD double2 make_double2(double x, double y) { return double2{x, y}; }
struct double3 {
  double x;
  double y;
  double z;
};
RIDGELINE_HD double3 make_double3(double x, double y, double z) { return double3{x, y, z}; }
struct __align__(16) double4 {
  double x;
  double y;
  double z;
  double w;
};
RIDGELINE_HD double4 make_double4(double x, double y, double z, double w) { return double4{x, y, z, w}; }

struct dim3 {
  unsigned int x, y, z;
  __host__ __device__ constexpr dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1)
      : x(vx), y(vy), z(vz) {}
  __host__ __device__ constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  __host__ __device__ operator uint3() const { return uint3{x, y, z}; }
};

#include <__clang_cuda_builtin_vars.h>

typedef struct CUstream_st* cudaStream_t;
typedef struct CUevent_st* cudaEvent_t;
typedef struct CUgraph_st* cudaGraph_t;
typedef struct CUgraphExec_st* cudaGraphExec_t;
typedef unsigned long long cudaTextureObject_t;
typedef unsigned long long cudaSurfaceObject_t;
enum cudaError { cudaSuccess = 0, cudaErrorInvalidValue = 1, cudaErrorMemoryAllocation = 2, cudaErrorNotReady = 600 };
typedef enum cudaError cudaError_t;
enum cudaMemcpyKind {
  cudaMemcpyHostToHost,
  cudaMemcpyHostToDevice,
  cudaMemcpyDeviceToHost,
  cudaMemcpyDeviceToDevice,
  cudaMemcpyDefault
};
struct cudaDeviceProp {
  char name[256];
  size_t totalGlobalMem, sharedMemPerBlock, sharedMemPerMultiprocessor;
  int regsPerBlock, warpSize, maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3], clockRate, major, minor;
  int multiProcessorCount, l2CacheSize, maxThreadsPerMultiProcessor, memoryClockRate, memoryBusWidth;
};
enum { cudaStreamDefault = 0, cudaStreamNonBlocking = 1, cudaMemAttachGlobal = 1, cudaHostAllocDefault = 0 };
enum { cudaEventDefault = 0, cudaEventBlockingSync = 1, cudaEventDisableTiming = 2, cudaHostAllocMapped = 2 };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
enum cudaFuncCache { cudaFuncCachePreferNone, cudaFuncCachePreferShared, cudaFuncCachePreferL1 };
enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount = 16 };

extern "C" {
int cudaConfigureCall(dim3 grid, dim3 block, size_t shared = 0, cudaStream_t stream = 0);
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared = 0, cudaStream_t stream = 0);
cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** args, size_t shared,
                             cudaStream_t stream);
cudaError_t cudaMallocAsync(void** p, size_t bytes, cudaStream_t stream);
cudaError_t cudaFree(void* p);
cudaError_t cudaFreeAsync(void* p, cudaStream_t stream);
cudaError_t cudaFreeHost(void* p);
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream = 0);
cudaError_t cudaMemcpy2D(void* to, size_t toPitch, const void* from, size_t fromPitch, size_t width, size_t height,
                         cudaMemcpyKind kind);
cudaError_t cudaMemset(void* p, int value, size_t bytes);
cudaError_t cudaMemsetAsync(void* p, int value, size_t bytes, cudaStream_t stream = 0);
__host__ __device__ cudaError_t cudaDeviceSynchronize();
cudaError_t cudaThreadSynchronize();
__host__ __device__ cudaError_t cudaGetLastError();
__host__ __device__ cudaError_t cudaPeekAtLastError();
__host__ __device__ const char* cudaGetErrorString(cudaError_t error);
__host__ __device__ const char* cudaGetErrorName(cudaError_t error);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDevice(int* device);
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device);
cudaError_t cudaDeviceReset();
cudaError_t cudaStreamCreate(cudaStream_t* stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags = 0);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags);
cudaError_t cudaEventCreate(cudaEvent_t* event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream = 0);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventQuery(cudaEvent_t event);
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t stop);
cudaError_t cudaMemGetInfo(size_t* free, size_t* total);
}
template <class T>
cudaError_t cudaMalloc(T** p, size_t bytes);
template <class T>
cudaError_t cudaMallocManaged(T** p, size_t bytes, unsigned flags = 1);
template <class T>
cudaError_t cudaMallocHost(T** p, size_t bytes, unsigned flags = 0);
template <class T>
cudaError_t cudaHostAlloc(T** p, size_t bytes, unsigned flags);
template <class T>
cudaError_t cudaMallocPitch(T** p, size_t* pitch, size_t width, size_t height);
template <class T>
cudaError_t cudaMallocAsync(T** p, size_t bytes, cudaStream_t stream);
template <class T>
cudaError_t cudaMemcpyToSymbol(T& to, const void* from, size_t bytes, size_t offset = 0,
                               cudaMemcpyKind kind = cudaMemcpyHostToDevice);
template <class T>
cudaError_t cudaMemcpyFromSymbol(void* to, T& from, size_t bytes, size_t offset = 0,
                                 cudaMemcpyKind kind = cudaMemcpyDeviceToHost);
template <class T>
cudaError_t cudaFuncSetAttribute(T* function, cudaFuncAttribute attribute, int value);
template <class T>
cudaError_t cudaFuncSetCacheConfig(T* function, cudaFuncCache config);
template <class T>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, T function, int threads, size_t shared);
template <class T>
cudaError_t cudaOccupancyMaxPotentialBlockSize(int* grid, int* block, T function, size_t shared = 0, int limit = 0);

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
__device__ int __popc(unsigned x);
__device__ int __popcll(unsigned long long x);
__device__ int __clz(int x);
__device__ int __ffs(int x);
__device__ unsigned __brev(unsigned x);
__device__ int __mul24(int a, int b);
__device__ unsigned __umul24(unsigned a, unsigned b);
__device__ int __mulhi(int a, int b);
__device__ unsigned __umulhi(unsigned a, unsigned b);
__device__ int __dp4a(int a, int b, int c);
__device__ float __int_as_float(int x);
__device__ int __float_as_int(float x);
__device__ unsigned __float_as_uint(float x);
__device__ float __uint_as_float(unsigned x);
__device__ int __float2int_rn(float x);
__device__ int __float2int_rz(float x);
__device__ float __int2float_rn(int x);
__device__ float __fdividef(float a, float b);
__device__ float __frcp_rn(float x);
__device__ float __fsqrt_rn(float x);
__device__ float __fmaf_rn(float a, float b, float c);
__device__ float __fmul_rn(float a, float b);
__device__ float __fadd_rn(float a, float b);
__device__ float __expf(float x);
__device__ float __logf(float x);
__device__ float __powf(float x, float y);
__device__ float __sinf(float x);
__device__ float __cosf(float x);
__device__ float __saturatef(float x);
__device__ long long clock64();
__device__ long clock();
__device__ void __nanosleep(unsigned ns);
__device__ void __trap();
template <class T>
__device__ T __shfl_sync(unsigned mask, T value, int lane, int width = 32);
template <class T>
__device__ T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32);
template <class T>
__device__ T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32);
template <class T>
__device__ T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32);
template <class T>
__device__ T __ldg(const T* p) {
  return *p;
}
template <class T>
__device__ T __ldcg(const T* p) {
  return *p;
}
template <class T>
__device__ T __ldcs(const T* p) {
  return *p;
}
template <class T>
__device__ void __stcs(T* p, T value) {
  *p = value;
}
template <class T>
__device__ void __stcg(T* p, T value) {
  *p = value;
}
template <class T, class U>
__device__ T atomicAdd(T* p, U value);
template <class T, class U>
__device__ T atomicSub(T* p, U value);
template <class T, class U>
__device__ T atomicExch(T* p, U value);
template <class T, class U>
__device__ T atomicMin(T* p, U value);
template <class T, class U>
__device__ T atomicMax(T* p, U value);
template <class T, class U>
__device__ T atomicInc(T* p, U value);
template <class T, class U>
__device__ T atomicDec(T* p, U value);
template <class T, class U>
__device__ T atomicAnd(T* p, U value);
template <class T, class U>
__device__ T atomicOr(T* p, U value);
template <class T, class U>
__device__ T atomicXor(T* p, U value);
template <class T, class U, class V>
__device__ T atomicCAS(T* p, U compare, V value);

// The device's mathematics.
extern "C" {
__device__ float sqrtf(float x);
__device__ double sqrt(double x);
__device__ float expf(float x);
__device__ double exp(double x);
__device__ float exp2f(float x);
__device__ double exp2(double x);
__device__ float logf(float x);
__device__ double log(double x);
__device__ float log2f(float x);
__device__ double log2(double x);
__device__ float log10f(float x);
__device__ double log10(double x);
__device__ float sinf(float x);
__device__ double sin(double x);
__device__ float cosf(float x);
__device__ double cos(double x);
__device__ float tanf(float x);
__device__ double tan(double x);
__device__ float tanhf(float x);
__device__ double tanh(double x);
__device__ float floorf(float x);
__device__ double floor(double x);
__device__ float ceilf(float x);
__device__ double ceil(double x);
__device__ float fabsf(float x);
__device__ double fabs(double x);
__device__ float truncf(float x);
__device__ double trunc(double x);
__device__ float roundf(float x);
__device__ double round(double x);
__device__ float rintf(float x);
__device__ double rint(double x);
__device__ float asinf(float x);
__device__ double asin(double x);
__device__ float acosf(float x);
__device__ double acos(double x);
__device__ float atanf(float x);
__device__ double atan(double x);
__device__ float sinhf(float x);
__device__ double sinh(double x);
__device__ float coshf(float x);
__device__ double cosh(double x);
__device__ float log1pf(float x);
__device__ double log1p(double x);
__device__ float expm1f(float x);
__device__ double expm1(double x);
__device__ float cbrtf(float x);
__device__ double cbrt(double x);
__device__ float erff(float x);
__device__ double erf(double x);
__device__ float erfcf(float x);
__device__ double erfc(double x);
__device__ float powf(float x, float y);
__device__ double pow(double x, double y);
__device__ float fmodf(float x, float y);
__device__ double fmod(double x, double y);
__device__ float fmaxf(float x, float y);
__device__ double fmax(double x, double y);
__device__ float fminf(float x, float y);
__device__ double fmin(double x, double y);
__device__ float atan2f(float x, float y);
__device__ double atan2(double x, double y);
__device__ float copysignf(float x, float y);
__device__ double copysign(double x, double y);
__device__ float hypotf(float x, float y);
__device__ double hypot(double x, double y);
__device__ float fmaf(float a, float b, float c);
__device__ double fma(double a, double b, double c);
__device__ int abs(int x);
__device__ float rsqrtf(float x);
__device__ double rsqrt(double x);
__device__ float exp10f(float x);
__device__ float normcdff(float x);
__device__ void sincosf(float x, float* s, float* c);
__device__ int printf(const char* format, ...);
}
__device__ static inline float sqrt(float x) { return sqrtf(x); }
__device__ static inline float exp(float x) { return expf(x); }
__device__ static inline float exp2(float x) { return exp2f(x); }
__device__ static inline float log(float x) { return logf(x); }
__device__ static inline float log2(float x) { return log2f(x); }
__device__ static inline float log10(float x) { return log10f(x); }
__device__ static inline float sin(float x) { return sinf(x); }
__device__ static inline float cos(float x) { return cosf(x); }
__device__ static inline float tan(float x) { return tanf(x); }
__device__ static inline float tanh(float x) { return tanhf(x); }
__device__ static inline float floor(float x) { return floorf(x); }
__device__ static inline float ceil(float x) { return ceilf(x); }
__device__ static inline float fabs(float x) { return fabsf(x); }
__device__ static inline float trunc(float x) { return truncf(x); }
__device__ static inline float round(float x) { return roundf(x); }
__device__ static inline float rint(float x) { return rintf(x); }
__device__ static inline float asin(float x) { return asinf(x); }
__device__ static inline float acos(float x) { return acosf(x); }
__device__ static inline float atan(float x) { return atanf(x); }
__device__ static inline float sinh(float x) { return sinhf(x); }
__device__ static inline float cosh(float x) { return coshf(x); }
__device__ static inline float log1p(float x) { return log1pf(x); }
__device__ static inline float expm1(float x) { return expm1f(x); }
__device__ static inline float cbrt(float x) { return cbrtf(x); }
__device__ static inline float erf(float x) { return erff(x); }
__device__ static inline float erfc(float x) { return erfcf(x); }
__device__ static inline float pow(float x, float y) { return powf(x, y); }
__device__ static inline float fmod(float x, float y) { return fmodf(x, y); }
__device__ static inline float fmax(float x, float y) { return fmaxf(x, y); }
__device__ static inline float fmin(float x, float y) { return fminf(x, y); }
__device__ static inline float atan2(float x, float y) { return atan2f(x, y); }
__device__ static inline float copysign(float x, float y) { return copysignf(x, y); }
__device__ static inline float hypot(float x, float y) { return hypotf(x, y); }
__device__ static inline float fma(float a, float b, float c) { return fmaf(a, b, c); }
__device__ static inline float rsqrt(float x) { return rsqrtf(x); }
__device__ static inline float abs(float x) { return fabsf(x); }
__device__ static inline double abs(double x) { return fabs(x); }
template <class T>
RIDGELINE_HD T max(T a, T b) {
  return a < b ? b : a;
}
template <class T>
RIDGELINE_HD T min(T a, T b) {
  return b < a ? b : a;
}
RIDGELINE_HD float max(float a, float b) { return a < b ? b : a; }
RIDGELINE_HD float min(float a, float b) { return b < a ? b : a; }
