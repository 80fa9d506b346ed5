// Kernels whose work is known: a copy of 256 MB, and a product of 2048 x 2048 matrices in FP32 without tensor cores.
#include "common.cuh"

__global__ void copy_known(float4* to, const float4* from, size_t n) {
  for (size_t i = blockIdx.x * size_t{blockDim.x} + threadIdx.x; i < n; i += size_t{gridDim.x} * blockDim.x) to[i] = from[i];
}

constexpr int kTile = 32;

// 2 n^3 operations, every one of them in a fused multiply-add.
__global__ void gemm_known(float* c, const float* a, const float* b, int n) {
  __shared__ float as[kTile][kTile], bs[kTile][kTile];
  const int row = blockIdx.y * kTile + threadIdx.y, column = blockIdx.x * kTile + threadIdx.x;
  float sum = 0;
  for (int tile = 0; tile < n; tile += kTile) {
    as[threadIdx.y][threadIdx.x] = a[row * n + tile + threadIdx.x];
    bs[threadIdx.y][threadIdx.x] = b[(tile + threadIdx.y) * n + column];
    __syncthreads();
    for (int k = 0; k < kTile; ++k) sum = fmaf(as[threadIdx.y][k], bs[k][threadIdx.x], sum);
    __syncthreads();
  }
  c[row * n + column] = sum;
}

int main() {
  constexpr size_t bytes = 256 << 20, vectors = bytes / sizeof(float4);
  auto *from = device<float4>(vectors), *to = device<float4>(vectors);
  constexpr int n = 2048;
  float *a = device<float>(n * n), *b = device<float>(n * n), *c = device<float>(n * n);
  for (int i = 0; i < 5; ++i) {
    copy_known<<<1024, 256>>>(to, from, vectors);
    gemm_known<<<dim3(n / kTile, n / kTile), dim3(kTile, kTile)>>>(c, a, b, n);
  }
  CHECK(cudaGetLastError());
  CHECK(cudaDeviceSynchronize());
  std::printf("{\"copy_bytes\": %zu, \"gemm_flops\": %.0f}\n", 2 * bytes, 2.0 * n * n * n);
  return 0;
}
