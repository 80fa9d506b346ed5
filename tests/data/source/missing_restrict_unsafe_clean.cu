// RUN: checks=gpu-missing-restrict

// Volatile memory is somebody else's too; what escapes may be written behind its back.
__global__ void wait(volatile int* flag, int* out) { out[threadIdx.x] = flag[0]; }

__device__ void fill(float* where);

__global__ void escaping(float* in, float* out) {
  fill(in);
  out[threadIdx.x] = in[threadIdx.x];
}
