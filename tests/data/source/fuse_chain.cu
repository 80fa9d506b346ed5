// RUN: checks=gpu-fusable-kernels

// Three in place, on one array, with a helper of their own; the launches stay in a loop.
static __device__ float gate(float x) { return x > 0.0f ? x : 0.0f; }

static __global__ void addBias(float* __restrict__ x, const float* __restrict__ b, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] += b[i];
}

static __global__ void relu(float* __restrict__ x, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] = gate(x[i]);
}

static __global__ void scaleBy(float* __restrict__ data, float s, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) data[i] = data[i] * s;
}

void layer(float* __restrict__ x, const float* __restrict__ b, int n, int times, cudaStream_t stream) {
  for (int t = 0; t < times; ++t) {
    addBias<<<(n + 127) / 128, 128, 0, stream>>>(x, b, n);
    // CHECK-MESSAGES: elementwise kernels addBias, relu, scaleBy run back to back over the same range
    relu<<<(n + 127) / 128, 128, 0, stream>>>(x, n);
    scaleBy<<<(n + 127) / 128, 128, 0, stream>>>(x, 0.25f, n);
  }
}

void reluAlone(float* x, int n) { relu<<<(n + 127) / 128, 128>>>(x, n); }
