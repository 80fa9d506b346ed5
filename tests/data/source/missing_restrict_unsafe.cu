// RUN: checks=gpu-missing-restrict

static __global__ void spread(const float* in, float* out, int n) {
  // CHECK-MESSAGES: 'in' is only read, and not marked const and __restrict__
  // CHECK-NOFIX: 'values' is passed for both 'in' and 'out'
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  for (int k = 0; k < 4; ++k) out[i + k * n] = in[i] + 1.0f;
}

static __global__ void add(const float* in, float* out, int n) {
  // CHECK-MESSAGES: 'in' is only read, and not marked const and __restrict__
  // CHECK-NOFIX: 'given' may overlap 'values': nothing says what 'given' points to
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = 0.0f;
  if (i < n) out[i] += in[i];
}

__global__ void open(const float* in, float* out, int n) {
  // CHECK-MESSAGES: 'in' is only read, and not marked const and __restrict__
  // CHECK-NOFIX: its launches are not all seen: callers may pass overlapping memory
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  for (int k = 0; k < n; ++k) out[i * n + k] += in[i];
}

void run(const float* given, int n) {
  float* values;
  cudaMalloc(&values, n * sizeof(float));
  spread<<<(n + 255) / 256, 256>>>(values, values, n);
  add<<<(n + 255) / 256, 256>>>(given, values, n);
  cudaFree(values);
}
