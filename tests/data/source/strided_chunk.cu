// RUN: checks=gpu-strided-access

// Each thread walks a chunk of its own.
template <typename T>
__global__ void chunks(const T* in, T* out, int perThread) {
  const int first = (blockIdx.x * blockDim.x + threadIdx.x) * perThread;
  for (int k = 0; k < perThread; ++k) {
    out[first + k] = in[first + k] * T(2);
    // CHECK-MESSAGES: threads of a warp write 'out' perThread elements apart
    // CHECK-MESSAGES: threads of a warp read 'in' perThread elements apart
  }
}

// The threads of a block side by side instead.
__global__ void transposed(const float* in, float* out, int width, int height) {
  const int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 8 + threadIdx.y;
  if (x < width && y < height) out[x * height + y] = in[y * width + x];
  // CHECK-MESSAGES: threads of a warp write 'out' height elements apart
}

// A pointer made with parentheses, of a type that is not known yet.
template <typename T>
__global__ void rows(const T* in, T* out, int columns) {
  const T* row(in + (blockIdx.x * blockDim.x + threadIdx.x) * columns);
  T sum{row[1]};
  // CHECK-MESSAGES: threads of a warp read 'in' columns elements apart
  for (int k = 2; k < columns; ++k) sum += row[k];
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}
