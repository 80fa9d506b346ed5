// A known number of launches: vector_add [LAUNCHES]. Prints their number, and the time of all of them by events.
#include "common.cuh"

__global__ void add(float* c, const float* a, const float* b, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}

int main(int argc, char** argv) {
  const int launches = argc > 1 ? std::atoi(argv[1]) : 1000, n = 1 << 24;
  float *a = device<float>(n), *b = device<float>(n), *c = device<float>(n);
  const float ms = milliseconds([&] {
    for (int i = 0; i < launches; ++i) add<<<n / 256, 256>>>(c, a, b, n);
  });
  CHECK(cudaGetLastError());
  CHECK(cudaDeviceSynchronize());
  std::printf("{\"kernels\": %d, \"ms\": %.6f}\n", launches, ms);
  return 0;
}
