// RUN: checks=gpu-fusable-kernels

static __global__ void scale_bias(const float* in, float factor, int n, float* y,
                                  float offset) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    float out_i;
    out_i = in[i] * factor;
    {
      float shifted = out_i + offset;
      y[i] = shifted;
    }
  }
}

void run(const float* host, float* result, int n) {
  float *x, *between, *y;
  cudaMalloc(&x, n * sizeof(float));
  cudaMalloc(&between, n * sizeof(float));
  cudaMalloc(&y, n * sizeof(float));
  cudaMemcpy(x, host, n * sizeof(float), cudaMemcpyHostToDevice);
  const int blocks = (n + 255) / 256;
  scale_bias<<<blocks, 256>>>(x, 2.0f, n, y, 1.0f);
  // CHECK-MESSAGES: elementwise kernels scale, bias run back to back over the same range
  cudaMemcpy(result, y, n * sizeof(float), cudaMemcpyDeviceToHost);
  cudaFree(x);
  cudaFree(between);
  cudaFree(y);
}
