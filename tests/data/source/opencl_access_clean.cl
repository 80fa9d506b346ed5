// RUN: checks=gpu-strided-access,gpu-bank-conflict

__kernel void columns(__global const float* in, __global float* out, int width, int height) {
  int i = get_global_id(0);
  float sum = 0.0f;
  for (int k = 0; k < height; ++k) sum += in[k * width + i];
  out[i] = sum;
}

__kernel void turn(__global const float* in, __global float* out) {
  __local float tile[32][33];
  int x = get_local_id(0), y = get_local_id(1);
  tile[y][x] = in[y * 32 + x];
  barrier(CLK_LOCAL_MEM_FENCE);
  out[y * 32 + x] = tile[x][y];
}
