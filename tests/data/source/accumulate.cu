// RUN: checks=accumulate-in-memory

static __global__ void product(const float* a, const float* b, float* c, int n) {
  const int row = blockIdx.y * blockDim.y + threadIdx.y;
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n || column >= n) return;
  c[row * n + column] = 0.0f;
  for (int k = 0; k < n; ++k) {
    c[row * n + column] += a[row * n + k] * b[k * n + column];
    // CHECK-MESSAGES: the sum 'c[row * n + column]' is loaded and stored in every round
    // CHECK-NOFIX: 'c' may overlap 'a': nothing says what 'c' points to
  }
}
