// RUN: checks=gpu-allocation-in-loop

static __global__ void use(float* scratch, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) scratch[i] = 0.0f;
}

void run(float** buffers, int n, int steps) {
  float* scratch;
  cudaMalloc(&scratch, n * sizeof(float));
  for (int s = 0; s < steps; ++s) use<<<(n + 255) / 256, 256>>>(scratch, n);
  cudaFree(scratch);
  for (int b = 0; b < 4; ++b) cudaMalloc(&buffers[b], n * sizeof(float));
}
