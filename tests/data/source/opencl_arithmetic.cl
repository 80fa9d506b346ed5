// RUN: checks=gpu-double-arithmetic,gpu-missing-restrict,gpu-divergent-branch rounding

#pragma OPENCL EXTENSION cl_khr_fp64 : enable
__kernel void halve(__global const float* in, __global float* out) {
  // CHECK-MESSAGES: 'in' is only read, and not marked const and restrict
  // CHECK-NOFIX: its launches are not all seen: callers may pass overlapping memory
  int i = get_global_id(0);
  out[i] = in[i] * 0.1;
  // CHECK-MESSAGES: float arithmetic is done in double because of the literal 0.1
  if (get_local_id(0) % 2 == 1) out[i] = in[i + 1];
  // CHECK-MESSAGES: 'get_local_id(0) % 2' differs between neighbouring threads
}
