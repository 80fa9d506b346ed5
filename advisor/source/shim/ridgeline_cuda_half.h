// Half precision, bfloat16 and cooperative groups, declared for parsing without a toolkit.
#pragma once

#include "ridgeline_cuda.h"

struct __align__(2) __half {
  unsigned short bits;
  __host__ __device__ __half() = default;
  __host__ __device__ __half(float x);
  __host__ __device__ operator float() const;
};
struct __align__(2) __nv_bfloat16 {
  unsigned short bits;
  __host__ __device__ __nv_bfloat16() = default;
  __host__ __device__ __nv_bfloat16(float x);
  __host__ __device__ operator float() const;
};
struct __align__(4) __half2 {
  __half x, y;
};
struct __align__(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};
typedef __half half;
typedef __half2 half2;
typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;
__host__ __device__ float __half2float(__half x);
__host__ __device__ __half __float2half(float x);
__host__ __device__ __half __float2half_rn(float x);
__host__ __device__ float __bfloat162float(__nv_bfloat16 x);
__host__ __device__ __nv_bfloat16 __float2bfloat16(float x);
__host__ __device__ __half2 __float2half2_rn(float x);
__host__ __device__ __half2 __floats2half2_rn(float a, float b);
__host__ __device__ float2 __half22float2(__half2 x);
__device__ __half __hadd(__half a, __half b);
__device__ __half __hmul(__half a, __half b);
__device__ __half __hsub(__half a, __half b);
__device__ __half __hdiv(__half a, __half b);
__device__ __half __hmax(__half a, __half b);
__device__ __half __hfma(__half a, __half b, __half c);
__device__ bool __hgt(__half a, __half b);
__device__ __half2 __hadd2(__half2 a, __half2 b);
__device__ __half2 __hmul2(__half2 a, __half2 b);
__device__ __half2 __hfma2(__half2 a, __half2 b, __half2 c);
__device__ __half hexp(__half x);
__device__ __half hsqrt(__half x);

namespace cooperative_groups {
struct thread_group {
  __device__ void sync() const;
  __device__ unsigned size() const;
  __device__ unsigned thread_rank() const;
};
struct thread_block : thread_group {
  __device__ static dim3 group_index();
  __device__ static dim3 thread_index();
  __device__ static dim3 group_dim();
};
struct grid_group : thread_group {
  __device__ bool is_valid() const;
};
struct coalesced_group : thread_group {
  template <class T>
  __device__ T shfl(T value, int lane) const;
};
template <unsigned N, class Parent = void>
struct thread_block_tile : thread_group {
  template <class T>
  __device__ T shfl(T value, int lane) const;
  template <class T>
  __device__ T shfl_down(T value, unsigned delta) const;
  template <class T>
  __device__ T shfl_xor(T value, unsigned lanes) const;
  __device__ unsigned meta_group_rank() const;
  __device__ unsigned meta_group_size() const;
};
__device__ thread_block this_thread_block();
__device__ grid_group this_grid();
__device__ coalesced_group coalesced_threads();
template <unsigned N, class Group>
__device__ thread_block_tile<N> tiled_partition(const Group& group);
template <class Group>
__device__ void sync(const Group& group);
}  // namespace cooperative_groups
