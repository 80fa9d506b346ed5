// RUN: checks=gpu-strided-access,accumulate-in-memory

__global__ void columnSums(const float* values, float* sums, int rows, int columns) {
  int k;
  float sum = 0.0f;
  int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column >= columns) return;
  for (k = 0; k < rows; ++k) sum += values[k * columns + column];
  sums[column] = sum;
}

// Strides over the grid: neighbouring threads take neighbouring elements.
__global__ void doubled(const float* in, float* out, int n) {
  int i;
  for (i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
    float x = in[i];
    out[i] = x + x;
  }
}

// Counts down through the same index in another way each round: nothing is known of it.
__global__ void search(const int* sorted, const int* wanted, int* places, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int low;
  for (low = 0; low < n; ++low) {
    if (sorted[low] >= wanted[i]) break;
  }
  places[i] = low;
}
