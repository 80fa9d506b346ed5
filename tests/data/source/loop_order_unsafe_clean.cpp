// RUN: checks=cpu-loop-order

#include <cstdio>

static double grid[300][400];

int main() {
  for (int i = 1; i < 300; ++i) {
    for (int j = 1; j < 400; ++j) grid[i][j] = grid[i - 1][j - 1] + 1;
  }
  std::printf("%f\n", grid[9][9]);
  return 0;
}
