// RUN: checks=gpu-scalar-loads

static __global__ void scaleAndShift(const float* in, float* out, float scale, float shift, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    float scaled = in[i] * scale;
    // CHECK-MESSAGES: 'scaleAndShift' moves 4 bytes per load where 16 would do
    out[i] = scaled + shift;
  }
}

void launch(const float* in, float* out, int n) {
  const int threads = 256;
  const int blocks = (n + threads - 1) / threads;
  scaleAndShift<<<blocks, threads>>>(in, out, 2.0f, 1.0f, n);
}
