// RUN: checks=gpu-double-arithmetic

__global__ void half(const float* in, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  out[i] = in[i] * 0.5f;
  // CHECK-MESSAGES: float arithmetic is done in double because of the literal 0.5
  if (in[i] > 1.0f) out[i] = 0;
  // CHECK-MESSAGES: float arithmetic is done in double because of the literal 1.0
  out[i] *= 4.0f;
  // CHECK-MESSAGES: float arithmetic is done in double because of the literal 4.0
}
