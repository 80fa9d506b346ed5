// RUN: checks=array-of-structs

struct alignas(16) Quad {
  float a, b, c, d;
};

// Read whole, with one load.
__global__ void whole(const Quad* in, Quad* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i];
}
