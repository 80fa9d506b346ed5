// RUN: checks=gpu-scalar-loads

static __global__ void scale(const float4* in, float4* out, float by, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    float4 v = in[i];
    v.x *= by;
    out[i] = v;
  }
}

// Not one element for each thread.
static __global__ void blur(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i > 0 && i + 1 < n) out[i] = 0.25f * in[i - 1] + 0.5f * in[i] + 0.25f * in[i + 1];
}

// Doubles move 8 bytes.
static __global__ void copy(const double* in, double* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i];
}

void launch(const float4* a, float4* b, const float* c, float* d, const double* e, double* f, int n) {
  scale<<<(n + 255) / 256, 256>>>(a, b, 2.0f, n);
  blur<<<(n + 255) / 256, 256>>>(c, d, n);
  copy<<<(n + 255) / 256, 256>>>(e, f, n);
}
