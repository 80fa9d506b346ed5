// RUN: checks=gpu-divergent-branch

__global__ void warps(const float* in, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  if (threadIdx.x / 32 % 2 == 0) out[i] = in[i];
  if (threadIdx.x == 0) out[n] = 0.0f;
  if (threadIdx.x % 32 == 0) out[n + 1] = 0.0f;
  if (threadIdx.x < 64) out[i] += 1.0f;
}

__global__ void sequential(float* values) {
  __shared__ float part[256];
  part[threadIdx.x] = values[threadIdx.x];
  __syncthreads();
  for (int s = blockDim.x / 2; s > 0; s /= 2) {
    if (threadIdx.x < s) part[threadIdx.x] += part[threadIdx.x + s];
    __syncthreads();
  }
}

// Choosing a value is not a branch.
__global__ void choose(float* out, float a, float b) {
  float v = a;
  if (threadIdx.x % 2) v = b;
  out[threadIdx.x] = v;
}
