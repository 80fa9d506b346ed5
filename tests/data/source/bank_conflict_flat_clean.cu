// RUN: checks=gpu-bank-conflict

__global__ void along(float* out) {
  __shared__ float values[1024];
  values[threadIdx.x] = out[threadIdx.x];
  __syncthreads();
  for (int s = 512; s > 0; s >>= 1) {
    if (threadIdx.x < s) values[threadIdx.x] += values[threadIdx.x + s];
    __syncthreads();
  }
  // Two words apart: served in two goes, which is not worth a word.
  out[threadIdx.x] = values[2 * threadIdx.x] + values[7 * threadIdx.x];
}
