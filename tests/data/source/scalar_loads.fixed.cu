// RUN: checks=gpu-scalar-loads

static __global__ void scaleAndShift(const float* in, float* out, float scale, float shift, int n) {
  // Four elements at once, as far as they go and where every array allows it; the rest one by one.
  const bool aligned =
      (reinterpret_cast<unsigned long long>(in) | reinterpret_cast<unsigned long long>(out)) % 16 ==
      0;
  const int whole = aligned ? n / 4 : 0;
  const int first = blockIdx.x * blockDim.x + threadIdx.x;
  if (first < whole) {
    const int i = first;
    float4 in4 = reinterpret_cast<const float4*>(in)[i];
    float4 out4;
    {
      float scaled = in4.x * scale;
      out4.x = scaled + shift;
    }
    {
      float scaled = in4.y * scale;
      out4.y = scaled + shift;
    }
    {
      float scaled = in4.z * scale;
      out4.z = scaled + shift;
    }
    {
      float scaled = in4.w * scale;
      out4.w = scaled + shift;
    }
    reinterpret_cast<float4*>(out)[i] = out4;
  }
  if (first < n - 4 * whole) {
    const int i = 4 * whole + first;
    float scaled = in[i] * scale;
    out[i] = scaled + shift;
  }
}

void launch(const float* in, float* out, int n) {
  const int threads = 256;
  const int blocks = (n + threads - 1) / threads;
  scaleAndShift<<<blocks, threads>>>(in, out, 2.0f, 1.0f, n);
}
