// RUN: checks=gpu-missing-restrict

__global__ void weighted(const float* __restrict__ in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i];
}

// One load and one store for each element: there is nothing to move.
__global__ void negate(const float* in, float* out, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) out[i] = -in[i];
}

// In place there is nothing to keep apart.
__global__ void inPlace(float* values, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) values[i] = values[i] * 2.0f;
}
