// RUN: checks=gpu-copy-in-loop

static __global__ void apply(const float* weights, float* values, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) values[i] *= weights[i];
}

void run(float* values, int n) {
  float* host = new float[n];
  float* weights;
  cudaMalloc(&weights, n * sizeof(float));
  for (int i = 0; i < n; ++i) host[i] = 0.5f;
  cudaMemcpy(weights, host, n * sizeof(float), cudaMemcpyHostToDevice);
  for (int s = 0; s < 10; ++s) {
    // CHECK-MESSAGES: cudaMemcpy copies the same data in every round of the loop
    apply<<<(n + 255) / 256, 256>>>(weights, values, n);
  }
  cudaFree(weights);
  delete[] host;
}

void results(float* values, const float* weights, float* host, int n, int steps) {
  for (int s = 0; s < steps; ++s) {
    apply<<<(n + 255) / 256, 256>>>(weights, values, n);
    cudaMemcpy(host + s, values, sizeof(float), cudaMemcpyDeviceToHost);
    // CHECK-MESSAGES: cudaMemcpy waits for the GPU in every round of the loop
  }
}
