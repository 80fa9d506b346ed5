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

// And one by another name.
__global__ void gather(int n, const float* x, int gap, float* y) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i * gap];
}

// The last, short group of four: all of it is used.
__global__ void fours(const float* in, float* out, int n) {
  const int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  float4 group;
  group.x = i < n ? in[i] : 0.0f;
  group.y = i + 1 < n ? in[i + 1] : 0.0f;
  group.z = i + 2 < n ? in[i + 2] : 0.0f;
  group.w = i + 3 < n ? in[i + 3] : 0.0f;
  out[i / 4] = group.x + group.y + group.z + group.w;
}

// Each thread appends where its data says so: they do not stay as far apart as they were.
__global__ void append(const float* in, float* lists, int n, int rows, int room) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  float* next = lists + i * room;
  for (int k = 0; k < rows; ++k) {
    if (in[k * n + i] > 0.0f) {
      *next = in[k * n + i];
      next++;
    }
  }
}

// Two at once, and one by one at the end.
__global__ void pairs(const float2* in, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (2 * i + 1 < n) {
    out[i] = in[i].x + in[i].y;
    const float2 both = in[i];
    out[i] += both.x;
  } else if (2 * i < n) {
    const float* single = (const float*)in;
    out[i] = single[2 * i];
  }
}
