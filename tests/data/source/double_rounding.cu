// RUN: checks=gpu-double-arithmetic rounding

__global__ void gelu(const float* in, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float x = in[i];
  out[i] = 0.5 * x * (1.0 + tanhf(0.7978845608 * (x + 0.044715 * x * x * x)));
  // CHECK-MESSAGES: float arithmetic is done in double because of the literal 0.5
  out[i] += pow(x, 2.0);
  // CHECK-MESSAGES: float arithmetic is done in double because of the literal 2.0
}
