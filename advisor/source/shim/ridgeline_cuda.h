// CUDA's language, declared for parsing without a toolkit; with the commonly used part of its libraries.
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
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__
#define CUDART_CB
#define CUDARTAPI
#define CUDART_INF_F __builtin_huge_valf()
#define CUDART_INF __builtin_huge_val()
#define CUDART_PI_F 3.141592654f
#define CUDART_PI 3.1415926535897931

#define RIDGELINE_HD __host__ __device__ static inline

#include "ridgeline_cuda_vectors.h"

struct dim3 {
  unsigned int x, y, z;
  __host__ __device__ constexpr dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1)
      : x(vx), y(vy), z(vz) {}
  __host__ __device__ constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  __host__ __device__ operator uint3() const { return uint3{x, y, z}; }
};

#include "ridgeline_cuda_device.h"
#include "ridgeline_cuda_math.h"
#include "ridgeline_cuda_runtime.h"

#include <__clang_cuda_builtin_vars.h>
