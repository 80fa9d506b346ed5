// RUN: checks=array-of-structs

#include <cstdio>

struct Voxel {
  float density;
  float pressure;
  float temperature;
  int material;
  long tag;
};

static float sum(const Voxel* voxels, int n) {
  float total = 0;
  for (int i = 0; i < n; ++i) total += voxels[i].density;
  // CHECK-MESSAGES: the loop uses 4 of the 24 bytes of each element of 'voxels'
  return total;
}

int main() {
  const int n = 1000;
  Voxel* voxels = new Voxel[n];
  for (int i = 0; i < n; ++i) {
    voxels[i].density = 0.5f * static_cast<float>(i % 10);
    // CHECK-MESSAGES: the loop uses 8 of the 24 bytes of each element of 'voxels'
    voxels[i].material = i;
  }
  std::printf("%f\n", static_cast<double>(sum(voxels, n)));
  delete[] voxels;
  return 0;
}
