// RUN: checks=gpu-double-arithmetic

__global__ void clamp(const float* in, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  out[i] = fmaxf(in[i], 0.0f);
  // CHECK-MESSAGES: float arithmetic is done in double because of the literal 0.0
  if (fminf(in[i], 1.0f) > 0.5f) out[i] = 0;
  // CHECK-MESSAGES: float arithmetic is done in double because of the literal 1.0
  // Rounding before it is rounded down makes a difference, now and then.
  out[i] += floor(in[i] + 0.5);
  // CHECK-MESSAGES: float arithmetic is done in double because of the literal 0.5
}
