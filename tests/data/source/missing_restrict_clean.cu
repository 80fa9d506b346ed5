// RUN: checks=gpu-missing-restrict

__global__ void weighted(const float* __restrict__ in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i];
}

// One load and one store for each element: there is nothing to move.
__global__ void negate(const float* in, float* out, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) out[i] = -in[i];
}

// In place there is nothing to keep apart.
__global__ void inPlace(float* values, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) values[i] = values[i] * 2.0f;
}

// Only one of the two sides is taken.
__global__ void eitherWay(const float* from, float* to, int n, bool forward) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  if (forward) {
    to[2 * i] = from[i];
  } else {
    to[i] = from[2 * i];
  }
}

// Each round of the outer loop is another element; the inner one only reads.
__global__ void gather(const float* columns, float* image, int n, int window) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  for (; i < n; i += blockDim.x * gridDim.x) {
    float sum = 0.0f;
    for (int k = 0; k < window; ++k) sum += columns[i + k];
    image[i] = sum;
  }
}

// A single load, by a single thread.
__global__ void finish(float* partial, float* scale, float* result) {
  partial[threadIdx.x] = 2.0f * partial[threadIdx.x];
  __syncthreads();
  if (threadIdx.x == 0) result[0] = partial[0] * scale[0];
}

// Where to is read before it is written there.
__global__ void scatter(const int* places, const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[places[i]] = in[i];
}
