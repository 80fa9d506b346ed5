// RUN: checks=gpu-scalar-loads

// Sums over a block are not elementwise, nor is what asks an atomic.
__global__ void count(const int* in, int* out, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    if (in[i] > 0) atomicAdd(out, 1);
  }
}

__global__ void gather(const float* in, const int* where, float* out, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) out[i] = in[where[i]];
}
