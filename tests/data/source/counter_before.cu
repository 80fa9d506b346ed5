// RUN: checks=gpu-strided-access,accumulate-in-memory

// Counters as C declared them once: before the loops.
__global__ void rowSums(const float* values, float* sums, int rows, int columns) {
  int k;
  int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) return;
  sums[row] = 0.0f;
  for (k = 0; k < columns; ++k) {
    sums[row] += values[row * columns + k];
    // CHECK-MESSAGES: threads of a warp read 'values' columns elements apart
    // CHECK-MESSAGES: the sum 'sums[row]' is loaded and stored in every round
    // CHECK-NOFIX: 'sums' may overlap 'values': nothing says what 'sums' points to
  }
}

// Each thread takes a run of elements of its own.
__global__ void doubled(const float* in, float* out, int chunk) {
  int first = (blockIdx.x * blockDim.x + threadIdx.x) * chunk;
  int i;
  for (i = first; i < first + chunk; i++) {
    float x = in[i];
    // CHECK-MESSAGES: threads of a warp read 'in' chunk elements apart
    out[i] = x + x;
    // CHECK-MESSAGES: threads of a warp write 'out' chunk elements apart
  }
}
