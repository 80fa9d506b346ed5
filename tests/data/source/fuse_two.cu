// RUN: checks=gpu-fusable-kernels

// Multiplies.
static __global__ void scale(const float* in, float* out, float factor, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * factor;
}

// Adds.
static __global__ void bias(const float* in, float* out, float offset, int n) {
  int idx = blockIdx.x * blockDim.x + threadIdx.x;
  if (idx >= n) return;
  float shifted = in[idx] + offset;
  out[idx] = shifted;
}

void run(const float* host, float* result, int n) {
  float *x, *between, *y;
  cudaMalloc(&x, n * sizeof(float));
  cudaMalloc(&between, n * sizeof(float));
  cudaMalloc(&y, n * sizeof(float));
  cudaMemcpy(x, host, n * sizeof(float), cudaMemcpyHostToDevice);
  const int blocks = (n + 255) / 256;
  scale<<<blocks, 256>>>(x, between, 2.0f, n);
  // CHECK-MESSAGES: elementwise kernels scale, bias run back to back over the same range
  bias<<<blocks, 256>>>(between, y, 1.0f, n);
  cudaMemcpy(result, y, n * sizeof(float), cudaMemcpyDeviceToHost);
  cudaFree(x);
  cudaFree(between);
  cudaFree(y);
}
