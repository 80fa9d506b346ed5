// RUN: checks=gpu-strided-access

template <typename T>
__global__ void strided(const T* in, T* out, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) out[i] = in[i] * T(2);
}

__global__ void tiled(const float* in, float* out, int width, int height) {
  __shared__ float tile[32][33];
  int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
  if (x < width && y < height) tile[threadIdx.y][threadIdx.x] = in[y * width + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  if (x < height && y < width) out[y * height + x] = tile[threadIdx.x][threadIdx.y];
}

// A stride that callers choose.
__global__ void axpy(int n, float a, const float* x, int incx, float* y, int strideY) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i * strideY] += a * x[i * incx];
}
