// RUN: checks=gpu-strided-access

// Neighbouring threads go down a column of c, and each reads a row of a of its own.
static __global__ void multiply(const float* a, const float* b, float* c, int n) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  const int column = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= n || column >= n) return;
  float sum = 0.0f;
  for (int k = 0; k < n; ++k) sum += a[row * n + k] * b[k * n + column];
  // CHECK-MESSAGES: threads of a warp read 'a' n elements apart
  c[row * n + column] = sum;
  // CHECK-MESSAGES: threads of a warp write 'c' n elements apart
}

// Which threads make a warp matters here.
static __global__ void warpSums(const float* in, float* out, int n) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  const int column = blockIdx.y * blockDim.y + threadIdx.y;
  float value = in[row * n + column];
  // CHECK-MESSAGES: threads of a warp read 'in' n elements apart
  // CHECK-NOFIX: it calls __shfl_down_sync, which may ask for the thread's place
  for (int by = 16; by > 0; by /= 2) value += __shfl_down_sync(0xffffffffu, value, by);
  if (threadIdx.x == 0) atomicAdd(&out[column], value);
}

// Blocks that are not square would become others.
static __global__ void flatten(const float* in, float* out, int n) {
  const int row = blockIdx.x * 8 + threadIdx.x, column = blockIdx.y * 32 + threadIdx.y;
  if (row < n && column < n) out[row * n + column] = 2.0f * in[row * n + column];
  // CHECK-MESSAGES: threads of a warp write 'out' n elements apart
  // CHECK-NOFIX: not all of its launches have as many threads along x as along y
  // CHECK-MESSAGES: threads of a warp read 'in' n elements apart
  // CHECK-NOFIX: not all of its launches have as many threads along x as along y
}

// What one access would win the other would lose.
static __global__ void transpose(const float* in, float* out, int n) {
  const int x = blockIdx.x * 16 + threadIdx.x, y = blockIdx.y * 16 + threadIdx.y;
  if (x < n && y < n) out[x * n + y] = in[y * n + x];
  // CHECK-MESSAGES: threads of a warp write 'out' n elements apart
}

// Its tile would be read along columns.
static __global__ void smooth(const float* in, float* out, int n) {
  __shared__ float tile[16][16];
  const int row = blockIdx.x * 16 + threadIdx.x, column = blockIdx.y * 16 + threadIdx.y;
  tile[threadIdx.y][threadIdx.x] = in[row * n + column];
  // CHECK-MESSAGES: threads of a warp read 'in' n elements apart
  // CHECK-NOFIX: threads would fall on other banks of its shared memory
  __syncthreads();
  out[row * n + column] = 0.5f * (tile[threadIdx.y][threadIdx.x] + tile[threadIdx.y][0]);
  // CHECK-MESSAGES: threads of a warp write 'out' n elements apart
  // CHECK-NOFIX: threads would fall on other banks of its shared memory
}

void run(const float* a, const float* b, float* c, int n) {
  const dim3 square(16, 16), warps(32, 32), flat(8, 32);
  const dim3 grid((n + 15) / 16, (n + 15) / 16), large(n / 32, n / 32);
  multiply<<<grid, square>>>(a, b, c, n);
  warpSums<<<large, warps>>>(a, c, n);
  flatten<<<dim3((n + 7) / 8, (n + 31) / 32), flat>>>(a, c, n);
  transpose<<<grid, square>>>(a, c, n);
  smooth<<<grid, square>>>(a, c, n);
}
