// RUN: checks=gpu-scalar-loads

// In place, with the index in the arithmetic, over the whole range whatever the grid.
__global__ void ramp(float* __restrict__ values, const unsigned char* __restrict__ mask, int n) {
  // Four elements at once, as far as they go and where every array allows it; the rest one by
  // one.
  const bool aligned = (reinterpret_cast<unsigned long long>(values) |
                        reinterpret_cast<unsigned long long>(mask) * 4) %
                           16 ==
                       0;
  const int whole2 = aligned ? n / 4 : 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < whole2; i += gridDim.x * blockDim.x) {
    float4 values4 = reinterpret_cast<float4*>(values)[i];
    uchar4 mask4 = reinterpret_cast<const uchar4*>(mask)[i];
    values4.x = values4.x * mask4.x + (4 * i + 0);
    values4.y = values4.y * mask4.y + (4 * i + 1);
    values4.z = values4.z * mask4.z + (4 * i + 2);
    values4.w = values4.w * mask4.w + (4 * i + 3);
    reinterpret_cast<float4*>(values)[i] = values4;
  }
  for (int i = 4 * whole2 + blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * blockDim.x) {
    values[i] = values[i] * mask[i] + i;
  }
}
