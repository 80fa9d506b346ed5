// RUN: checks=cpu-loop-order

#include <cstdio>
#include <vector>

static float grid[300][400];

int main() {
  for (int i = 0; i < 300; ++i) {
    for (int j = 0; j < 400; ++j) grid[i][j] = static_cast<float>(i * 3 + j);
  }
  // A transposition strides one way or the other.
  static float turned[400][300];
  for (int i = 0; i < 300; ++i) {
    for (int j = 0; j < 400; ++j) turned[j][i] = grid[i][j];
  }
  // The sum over a column belongs together; what is read lies side by side.
  std::vector<float> sums(300);
  for (int i = 0; i < 300; ++i) {
    for (int j = 0; j < 400; ++j) sums[i] += grid[i][j];
  }
  std::printf("%f %f\n", static_cast<double>(sums[3]), static_cast<double>(turned[5][6]));
  return 0;
}
