// RUN: checks=gpu-block-size

static __global__ void add(const float* a, float* c, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) c[i] = a[i];
}

void run(const float* a, float* c, int n, int threads) {
  add<<<(n + 127) / 128, 128>>>(a, c, n);
  add<<<n, dim3(16, 16)>>>(a, c, n);
  add<<<n, threads>>>(a, c, n);
  // One thread is not about throughput.
  add<<<1, 1>>>(a, c, 1);
}
