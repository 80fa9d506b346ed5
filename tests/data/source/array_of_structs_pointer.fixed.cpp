// RUN: checks=array-of-structs

#include <cstdio>

struct VoxelArrays {
  float* density;
  float* pressure;
  float* temperature;
  int* material;
  long* tag;
};

static float sum(VoxelArrays voxels, int n) {
  float total = 0;
  for (int i = 0; i < n; ++i) total += voxels.density[i];
  // CHECK-MESSAGES: the loop uses 4 of the 24 bytes of each element of 'voxels'
  return total;
}

int main() {
  const int n = 1000;
  VoxelArrays voxels{new float[n], new float[n], new float[n], new int[n], new long[n]};
  for (int i = 0; i < n; ++i) {
    voxels.density[i] = 0.5f * static_cast<float>(i % 10);
    // CHECK-MESSAGES: the loop uses 8 of the 24 bytes of each element of 'voxels'
    voxels.material[i] = i;
  }
  std::printf("%f\n", static_cast<double>(sum(voxels, n)));
  delete[] voxels.density;
  delete[] voxels.pressure;
  delete[] voxels.temperature;
  delete[] voxels.material;
  delete[] voxels.tag;
  return 0;
}
