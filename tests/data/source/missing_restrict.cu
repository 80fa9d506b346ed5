// RUN: checks=gpu-missing-restrict

static __global__ void weighted(float* in, const float *weights, float* out, int n);

static __global__ void weighted(float* in, const float *weights, float* out, int n) {
  // CHECK-MESSAGES: 'in', 'weights' are only read, and not marked const and __restrict__
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  for (int k = 0; k < 4; ++k) out[i + k * n] = in[i] * weights[k];
}

void run(int n) {
  float *in, *weights, *out;
  cudaMalloc(&in, n * sizeof(float));
  cudaMalloc(&weights, 4 * sizeof(float));
  cudaMalloc(&out, 4 * n * sizeof(float));
  weighted<<<(n + 255) / 256, 256>>>(in, weights, out, n);
  cudaFree(in);
  cudaFree(weights);
  cudaFree(out);
}
