// RUN: checks=gpu-launch-in-loop

static __global__ void scale(float* row, int columns) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < columns) row[i] *= 2.0f;
}

void run(float* matrix, int rows, int columns) {
  for (int r = 0; r < rows; ++r) {
    scale<<<(columns + 255) / 256, 256>>>(matrix + r * columns, columns);
    // CHECK-MESSAGES: 'scale' is launched once for each round of a loop
  }
}
