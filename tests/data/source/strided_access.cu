// RUN: checks=gpu-strided-access

// One row for each thread: neighbouring threads are a whole row apart.
__global__ void rowSums(const float* matrix, float* sums, int rows, int columns) {
  int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) return;
  float sum = 0.0f;
  for (int c = 0; c < columns; ++c) {
    sum += matrix[row * columns + c];
    // CHECK-MESSAGES: threads of a warp read 'matrix' columns elements apart
  }
  sums[row] = sum;
}

__global__ void everyEighth(const float* in, float* out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[8 * i];
  // CHECK-MESSAGES: threads of a warp read 'in' 32 bytes apart
}

// A counter that is declared before its loop.
__global__ void weightsOf(float* weights, int n, int size, float* binary) {
  int f = (blockIdx.x + blockIdx.y * gridDim.x) * blockDim.x + threadIdx.x;
  if (f >= n) return;
  int i = 0;
  float mean = 0;
  for (i = 0; i < size; ++i) mean += weights[f * size + i];
  // CHECK-MESSAGES: threads of a warp read 'weights' size elements apart
  binary[f] = mean / size;
}

// Through a pointer that was moved, and written.
__global__ void scatter(float* __restrict__ out, int pitch) {
  float* column = out + blockIdx.y;
  column[(blockIdx.x * 64 + threadIdx.x) * pitch] = 1.0f;
  // CHECK-MESSAGES: threads of a warp write 'out' pitch elements apart
}
