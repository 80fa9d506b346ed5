// RUN: checks=gpu-fusable-kernels

static __global__ void square(const float* x, float* out, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) out[i] = x[i] * x[i];
}

static __global__ void reverse(const float* x, float* out, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) out[i] = x[n - 1 - i];
}

void run(const float* a, float* b, float* c, int n) {
  square<<<64, 256>>>(a, b, n);
  reverse<<<64, 256>>>(b, c, n);
}
