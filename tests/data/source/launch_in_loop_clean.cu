// RUN: checks=gpu-launch-in-loop

static __global__ void step(const float* from, float* to, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i > 0 && i + 1 < n) to[i] = 0.5f * (from[i - 1] + from[i + 1]);
}

// Steps that depend on each other have to be launched one by one.
void run(float* a, float* b, int n, int steps) {
  for (int s = 0; s < steps; ++s) {
    step<<<(n + 255) / 256, 256>>>(a, b, n);
    step<<<(n + 255) / 256, 256>>>(b, a, n);
  }
}

static __global__ void improve(const float* costs, int* codes, int books, int book) {
  int best = 0;
  for (int c = 1; c < 256; ++c) {
    if (costs[blockIdx.x * 256 + c] < costs[blockIdx.x * 256 + best]) best = c;
  }
  codes[blockIdx.x * books + book] = best;
}

// Each step sees what the one before it made of the codes.
void refine(const float* costs, int* codes, int n, int books) {
  for (int b = 0; b < books; ++b) improve<<<n, 32>>>(costs + b * n * 256, codes, books, b);
}
