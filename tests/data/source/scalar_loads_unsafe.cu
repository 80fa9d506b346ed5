// RUN: checks=gpu-scalar-loads

// It may be launched for a part of the range.
__global__ void open(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] + 1.0f;
  // CHECK-MESSAGES: 'open' moves 4 bytes per load where 16 would do
  // CHECK-NOFIX: its launches are not all seen: one may cover only a part of the range
}

// What the second line reads may be what the first wrote.
__global__ void twice(float* a, float* b, float* c, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    a[i] = 1.0f;
    // CHECK-MESSAGES: 'twice' moves 4 bytes per load where 16 would do
    // CHECK-NOFIX: 'a' and 'b' may be the same memory
    c[i] = b[i];
  }
}

__global__ void some(const float* in, float* out, const int* wanted, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    if (wanted[i] > 0) out[i] = in[i];
    // CHECK-MESSAGES: 'some' moves 4 bytes per load where 16 would do
    // CHECK-NOFIX: not every thread reads 'out'
  }
}
