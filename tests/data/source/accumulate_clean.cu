// RUN: checks=accumulate-in-memory

static __global__ void product(const float* a, const float* b, float* c, int n) {
  const int row = blockIdx.y * blockDim.y + threadIdx.y;
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n || column >= n) return;
  float sum = 0.0f;
  for (int k = 0; k < n; ++k) sum += a[row * n + k] * b[k * n + column];
  c[row * n + column] = sum;
}

// The compiler can tell that these are apart.
static __global__ void promised(const float* __restrict__ a, float* __restrict__ c, int n) {
  for (int k = 0; k < n; ++k) c[threadIdx.x] += a[k];
}
