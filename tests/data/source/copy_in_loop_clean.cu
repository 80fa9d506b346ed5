// RUN: checks=gpu-copy-in-loop

static __global__ void apply(const float* weights, float* values, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) values[i] *= weights[i];
}

void run(float* values, float* weights, const float* host, float** buffers, int n) {
  cudaMemcpy(weights, host, n * sizeof(float), cudaMemcpyHostToDevice);
  for (int s = 0; s < 10; ++s) apply<<<(n + 255) / 256, 256>>>(weights, values, n);
  // No launch in it: this loop sets up.
  for (int b = 0; b < 4; ++b) cudaMemcpy(buffers[b], host, n * sizeof(float), cudaMemcpyHostToDevice);
}
