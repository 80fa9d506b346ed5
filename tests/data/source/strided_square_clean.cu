// RUN: checks=gpu-strided-access

// Neighbouring threads take neighbouring columns.
static __global__ void multiply(const float* a, const float* b, float* c, int n) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  const int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= n || column >= n) return;
  float sum = 0.0f;
  for (int k = 0; k < n; ++k) sum += a[row * n + k] * b[k * n + column];
  c[row * n + column] = sum;
}

void run(const float* a, const float* b, float* c, int n) {
  const dim3 block(16, 16), grid((n + 15) / 16, (n + 15) / 16);
  multiply<<<grid, block>>>(a, b, c, n);
}
