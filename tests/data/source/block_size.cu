// RUN: checks=gpu-block-size

static __global__ void add(const float* a, const float* b, float* c, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}

static __global__ void sum(const float* in, float* out) {
  __shared__ float part[100];
  part[threadIdx.x] = in[blockIdx.x * blockDim.x + threadIdx.x];
  __syncthreads();
  if (threadIdx.x == 0) out[blockIdx.x] = part[0] + part[99];
}

void run(const float* a, const float* b, float* c, int n) {
  const int threads = 100;
  const int blocks = (n + threads - 1) / threads;
  add<<<blocks, threads>>>(a, b, c, n);
  // CHECK-MESSAGES: 'add' is launched with blocks of 100 threads
  sum<<<n / 100, dim3(10, 10)>>>(a, c);
  // CHECK-MESSAGES: 'sum' is launched with blocks of 100 threads
  // CHECK-NOFIX: the kernel may count on its block's size
}
