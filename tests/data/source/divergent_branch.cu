// RUN: checks=gpu-divergent-branch

__global__ void alternating(const float* in, float* out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i % 2 == 0) {
    // CHECK-MESSAGES: 'i % 2' differs between neighbouring threads
    out[i] = in[i] * 2.0f;
  } else {
    out[i] = in[i] + 1.0f;
  }
}

__global__ void interleaved(float* values) {
  __shared__ float part[256];
  part[threadIdx.x] = values[threadIdx.x];
  __syncthreads();
  for (int s = 1; s < blockDim.x; s *= 2) {
    if (threadIdx.x % (2 * s) == 0) part[threadIdx.x] += part[threadIdx.x + s];
    // CHECK-MESSAGES: 'threadIdx.x % (2 * s)' differs between neighbouring threads
    __syncthreads();
  }
  if (threadIdx.x == 0) values[0] = part[0];
}

__global__ void cases(float* out) {
  switch (threadIdx.x & 3) {
      // CHECK-MESSAGES: 'threadIdx.x & 3' differs between neighbouring threads
    case 0:
      out[threadIdx.x] = 1.0f;
      break;
    default:
      out[threadIdx.x + 1] = 2.0f;
  }
}
