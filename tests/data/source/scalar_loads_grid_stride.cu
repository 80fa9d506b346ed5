// RUN: checks=gpu-scalar-loads

// In place, with the index in the arithmetic, over the whole range whatever the grid.
__global__ void ramp(float* __restrict__ values, const unsigned char* __restrict__ mask, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    values[i] = values[i] * mask[i] + i;
    // CHECK-MESSAGES: 'ramp' moves 4 bytes per load where 16 would do
  }
}
