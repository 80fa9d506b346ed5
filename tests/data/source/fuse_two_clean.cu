// RUN: checks=gpu-fusable-kernels

static __global__ void scale(const float* in, float* out, float factor, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * factor;
}

// Reads its neighbours: it has to wait for all of the first.
static __global__ void blur(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i > 0 && i + 1 < n) out[i] = in[i - 1] + in[i + 1];
}

void run(const float* x, float* between, float* y, int n) {
  const int blocks = (n + 255) / 256;
  scale<<<blocks, 256>>>(x, between, 2.0f, n);
  blur<<<blocks, 256>>>(between, y, n);
  // Another configuration.
  scale<<<blocks, 256>>>(x, between, 2.0f, n);
  scale<<<blocks * 2, 128>>>(between, y, 2.0f, n);
  cudaDeviceSynchronize();
  scale<<<blocks, 256>>>(x, y, 2.0f, n);
}
