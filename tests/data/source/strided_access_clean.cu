// RUN: checks=gpu-strided-access

__global__ void columnSums(const float* matrix, float* sums, int rows, int columns) {
  int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column >= columns) return;
  float sum = 0.0f;
  for (int r = 0; r < rows; ++r) sum += matrix[r * columns + column];
  sums[column] = sum;
}

// Rows and columns of a flat index: consecutive within rows.
__global__ void flat(const float* in, float* out, int width, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int y = i / width, x = i % width;
  out[y * width + x] = in[y * width + x];
}

// One thread of the block, and sixteen bytes for each.
__global__ void few(const float4* in, float4* out, float* last, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i];
  if (threadIdx.x == 0) last[blockIdx.x * 1024 + threadIdx.x * 64] = in[i].x;
}

// A warp for each row, its threads side by side.
__global__ void warpRows(const float* in, float* out, int columns) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const float* row = in + (blockIdx.x * 8 + warp) * columns;
  float sum = 0.0f;
  for (int c = lane; c < columns; c += 32) sum += row[c];
  out[(blockIdx.x * 8 + warp) * 32 + lane] = sum;
}

// From the other end.
__global__ void reversed(const float* in, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[n - 1 - i];
}
