// RUN: checks=gpu-double-arithmetic

__global__ void half(const float* in, float* out, const double* exact, double* sums, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  out[i] = in[i] * 0.5f + sqrtf(in[i]);
  if (in[i] > 1.0f) out[i] = 1.0;
  // Meant to be double.
  sums[i] = exact[i] * 0.5;
  const double sum = in[i];
  out[i] = sum * 0.25;
  out[i] += powf(in[i], 3.0f);
  // The compiler sees that one operation gives the same in float.
  out[i] = in[i] * 0.5;
  if (in[i] > 1.0) out[i] *= 4.0;
}
