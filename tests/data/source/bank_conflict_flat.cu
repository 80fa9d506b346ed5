// RUN: checks=gpu-bank-conflict

__global__ void strided(float* out) {
  __shared__ float values[1024];
  values[threadIdx.x] = out[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x * 8 % 1024] + values[8 * threadIdx.x];
  // CHECK-MESSAGES: 8-way bank conflict on 'values'
  // CHECK-NOFIX: not an array of two dimensions whose rows could be padded
}

#define TILE 32
__global__ void escaping(float* out, int n) {
  __shared__ float tile[TILE][TILE];
  float* flat = &tile[0][0];
  for (int i = threadIdx.x; i < TILE * TILE; i += 32) flat[i] = out[i];
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x][n];
  // CHECK-MESSAGES: 32-way bank conflict on 'tile'
  // CHECK-NOFIX: 'tile' is also used other than by its subscripts
}
