// Keeps the GPU busy with kernels of some tens of microseconds, as a network does: gpu_bound [LAUNCHES]. Prints how long
// the device took.
#include "common.cuh"

__global__ void work(float* data, int steps) {
  float x = data[threadIdx.x];
  for (int i = 0; i < steps; ++i) x = fmaf(x, 0.9999f, 0.0001f);
  data[threadIdx.x] = x;
}

int main(int argc, char** argv) {
  const int launches = argc > 1 ? std::atoi(argv[1]) : 50000;
  float* data = device<float>(1024);
  work<<<256, 256>>>(data, 20000);
  CHECK(cudaDeviceSynchronize());
  const float ms = milliseconds([&] {
    for (int i = 0; i < launches; ++i) work<<<256, 256>>>(data, 10000);
  });
  CHECK(cudaGetLastError());
  std::printf("{\"kernels\": %d, \"ms\": %.6f}\n", launches + 1, ms);
  return 0;
}
