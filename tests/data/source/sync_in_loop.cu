// RUN: checks=gpu-sync-in-loop

static __global__ void step(float* values, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) values[i] = values[i] * 0.5f + 1.0f;
}

void run(float* values, int n, int steps) {
  for (int s = 0; s < steps; ++s) {
    step<<<(n + 255) / 256, 256>>>(values, n);
    cudaDeviceSynchronize();
    // CHECK-MESSAGES: cudaDeviceSynchronize waits for the GPU in every round of the loop
  }
}

int converged(float* values, float* host, int n) {
  for (int s = 0; s < 100; ++s) {
    step<<<(n + 255) / 256, 256>>>(values, n);
    cudaMemcpyAsync(host, values, sizeof(float), cudaMemcpyDeviceToHost);
    cudaStreamSynchronize(0);
    // CHECK-MESSAGES: cudaStreamSynchronize waits for the GPU in every round of the loop
    // CHECK-NOFIX: the loop does more than launch kernels
    if (host[0] < 1.0f) return s;
  }
  return -1;
}
