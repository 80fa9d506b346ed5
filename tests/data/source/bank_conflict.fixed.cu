// RUN: checks=gpu-bank-conflict

#define SIZE 32

__global__ void transpose(const float* in, float* out, int width) {
  __shared__ float tile[32][33];
  const int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
  tile[threadIdx.y][threadIdx.x] = in[y * width + x];
  __syncthreads();
  out[(blockIdx.x * 32 + threadIdx.y) * width + blockIdx.y * 32 + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
  // CHECK-MESSAGES: 32-way bank conflict on 'tile'
}

constexpr int kTile = 16;

__global__ void doubles(const double* in, double* out) {
  __shared__ double part[kTile][kTile + 1];
  part[threadIdx.y][threadIdx.x] = in[threadIdx.y * kTile + threadIdx.x];
  __syncthreads();
  out[threadIdx.y * kTile + threadIdx.x] = part[threadIdx.x][threadIdx.y];
  // CHECK-MESSAGES: 16-way bank conflict on 'part'
}
