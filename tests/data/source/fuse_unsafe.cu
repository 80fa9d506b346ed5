// RUN: checks=gpu-fusable-kernels

static __global__ void scale(const float* in, float* out, float factor, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * factor;
}

// Nothing says that the three do not overlap.
void overlapping(const float* x, float* between, float* y, int n) {
  scale<<<(n + 255) / 256, 256>>>(x, between, 2.0f, n);
  // CHECK-MESSAGES: elementwise kernels scale, scale run back to back over the same range
  // CHECK-NOFIX: 'x' may overlap 'between': nothing says what 'x' points to
  scale<<<(n + 255) / 256, 256>>>(between, y, 3.0f, n);
}

void ranges(const float* __restrict__ x, float* __restrict__ between, float* __restrict__ y, int n, int m) {
  scale<<<(n + 255) / 256, 256>>>(x, between, 2.0f, n);
  // CHECK-MESSAGES: elementwise kernels scale, scale run back to back over the same range
  // CHECK-NOFIX: their bounds differ
  scale<<<(n + 255) / 256, 256>>>(between, y, 3.0f, m);
}

void shifted(const float* __restrict__ x, float* __restrict__ between, float* __restrict__ y, int n) {
  scale<<<(n + 255) / 256, 256>>>(x, between, 2.0f, n);
  // CHECK-MESSAGES: elementwise kernels scale, scale run back to back over the same range
  // CHECK-NOFIX: 'between + 1' is not a plain variable
  scale<<<(n + 255) / 256, 256>>>(between + 1, y, 3.0f, n);
}
