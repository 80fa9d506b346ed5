// RUN: checks=gpu-sync-in-loop

static __global__ void step(float* values, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) values[i] = values[i] * 0.5f + 1.0f;
}

void run(float* values, int n, int steps) {
  for (int s = 0; s < steps; ++s) {
    step<<<(n + 255) / 256, 256>>>(values, n);
  }
  cudaDeviceSynchronize();
}

#define CHECKED(call)         \
  do {                        \
    if ((call) != cudaSuccess) return; \
  } while (0)

void once(float* values, int n) {
  step<<<(n + 255) / 256, 256>>>(values, n);
  CHECKED(cudaDeviceSynchronize());
}
