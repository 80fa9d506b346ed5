// RUN: checks=gpu-double-arithmetic,gpu-missing-restrict,gpu-divergent-branch

__kernel void halve(__global const float* restrict in, __global float* restrict out) {
  int i = get_global_id(0);
  out[i] = in[i] * 0.5f;
  if (get_local_id(0) == 1) out[i] = in[i + 1];
}
