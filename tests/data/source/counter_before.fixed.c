// RUN: checks=cpu-loop-order

#include <stdio.h>

static float grid[64][64];

// Read after its loop: the other order would leave another value in it.
static int lastRow(void) {
  int x, y;
  for (x = 0; x < 64; ++x) {
    for (y = 0; y < 64; ++y) grid[y][x] += 1.0f;
    // CHECK-MESSAGES: the inner loop over 'y' steps 256 bytes through 'grid'
    // CHECK-NOFIX: 'y' is used outside its loops
  }
  return y;
}

int main(void) {
  int x, y;
  for (y = 0; y < 64; ++y) {
    for (x = 0; x < 64; ++x) {
      grid[y][x] = grid[y][x] * 0.5f + 1.0f;
      // CHECK-MESSAGES: the inner loop over 'y' steps 256 bytes through 'grid'
    }
  }
  for (x = 0; x < 64; ++x) printf("%g ", grid[x][x]);
  printf("%d\n", lastRow());
  return 0;
}
