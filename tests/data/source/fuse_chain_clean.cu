// RUN: checks=gpu-fusable-kernels

static __global__ void relu(float* x, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] = x[i] > 0.0f ? x[i] : 0.0f;
}

static __global__ void sum(const float* x, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) atomicAdd(out, x[i]);
}

void layer(float* x, float* out, int n, cudaStream_t a, cudaStream_t b) {
  relu<<<(n + 127) / 128, 128, 0, a>>>(x, n);
  sum<<<(n + 127) / 128, 128, 0, a>>>(x, out, n);
  // Different streams run side by side.
  relu<<<(n + 127) / 128, 128, 0, a>>>(x, n);
  relu<<<(n + 127) / 128, 128, 0, b>>>(out, n);
}
