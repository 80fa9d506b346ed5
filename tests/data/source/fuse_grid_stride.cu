// RUN: checks=gpu-fusable-kernels

static __global__ void square(const float* x, float* out, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
    out[i] = x[i] * x[i];
  }
}

static __global__ void subtract(const float* x, const float* y, float* out, int n) {
  for (int k = blockIdx.x * blockDim.x + threadIdx.x; k < n; k += blockDim.x * gridDim.x) {
    if (y[k] > 0.0f) out[k] = x[k] - y[k];
  }
}

// What is between is still wanted afterwards.
void run(float* result, int n) {
  float *a = nullptr, *b = nullptr, *c = nullptr;
  cudaMalloc((void**)&a, n * sizeof(float));
  cudaMalloc((void**)&b, n * sizeof(float));
  cudaMalloc((void**)&c, n * sizeof(float));
  square<<<64, 256>>>(a, b, n);
  // CHECK-MESSAGES: elementwise kernels square, subtract run back to back over the same range
  subtract<<<64, 256>>>(a, b, c, n);
  cudaMemcpy(result, b, n * sizeof(float), cudaMemcpyDeviceToHost);
  cudaMemcpy(result + n, c, n * sizeof(float), cudaMemcpyDeviceToHost);
  cudaFree(a);
  cudaFree(b);
  cudaFree(c);
}
