// RUN: checks=gpu-scalar-loads

__global__ void ramp(float* __restrict__ values, const float* __restrict__ table, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    values[i] = table[i % 7];
  }
}
