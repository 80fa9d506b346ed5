// RUN: checks=gpu-fusable-kernels

static __global__ void square_subtract(const float* x, float* out, int n, float* c) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
    float out_i;
    out_i = x[i] * x[i];
    if (out_i > 0.0f) c[i] = x[i] - out_i;
    out[i] = out_i;
  }
}

// What is between is still wanted afterwards.
void run(float* result, int n) {
  float *a = nullptr, *b = nullptr, *c = nullptr;
  cudaMalloc((void**)&a, n * sizeof(float));
  cudaMalloc((void**)&b, n * sizeof(float));
  cudaMalloc((void**)&c, n * sizeof(float));
  square_subtract<<<64, 256>>>(a, b, n, c);
  // CHECK-MESSAGES: elementwise kernels square, subtract run back to back over the same range
  cudaMemcpy(result, b, n * sizeof(float), cudaMemcpyDeviceToHost);
  cudaMemcpy(result + n, c, n * sizeof(float), cudaMemcpyDeviceToHost);
  cudaFree(a);
  cudaFree(b);
  cudaFree(c);
}
