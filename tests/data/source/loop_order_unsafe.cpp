// RUN: checks=cpu-loop-order

#include <cstdio>

static double grid[300][400];

int main() {
  // Each row needs the one before it, from the other column.
  for (int j = 1; j < 400; ++j) {
    for (int i = 1; i < 300; ++i) {
      grid[i][j] = grid[i - 1][j - 1] + 1;
      // CHECK-MESSAGES: the inner loop over 'i' steps 3200 bytes through 'grid'
      // CHECK-NOFIX: a round may use what another one wrote to 'grid'
    }
  }
  double sum = 0;
  for (int j = 0; j < 400; ++j) {
    for (int i = 0; i < 300; ++i) {
      sum += grid[i][j];
      // CHECK-MESSAGES: the inner loop over 'i' steps 3200 bytes through 'grid'
      // CHECK-NOFIX: the order of a floating-point sum would change
    }
  }
  // A triangle.
  for (int j = 0; j < 300; ++j) {
    for (int i = 0; i < j; ++i) {
      grid[i][j] = 2;
      // CHECK-MESSAGES: the inner loop over 'i' steps 3200 bytes through 'grid'
      // CHECK-NOFIX: the inner loop's range depends on the outer's round
    }
  }
  std::printf("%f\n", sum);
  return 0;
}
