// RUN: checks=gpu-allocation-in-loop

static __global__ void use(float* scratch, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) scratch[i] = 0.0f;
}

void run(int n, int steps) {
  for (int s = 0; s < steps; ++s) {
    float* scratch;
    cudaMalloc(&scratch, n * sizeof(float));
    // CHECK-MESSAGES: cudaMalloc is called in every round of the loop
    use<<<(n + 255) / 256, 256>>>(scratch, n);
    cudaFree(scratch);
  }
}
