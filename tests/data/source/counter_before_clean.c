// RUN: checks=cpu-loop-order

#include <stdio.h>

static float grid[64][64];

int main(void) {
  int x, y;
  for (y = 0; y < 64; ++y) {
    for (x = 0; x < 64; ++x) grid[y][x] = grid[y][x] * 0.5f + 1.0f;
  }
  for (x = 0; x < 64; ++x) printf("%g ", grid[x][x]);
  printf("\n");
  return 0;
}
