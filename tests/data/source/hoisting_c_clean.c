// RUN: checks=cpu-invariant-call,cpu-loop-order

#include <math.h>
#include <stdio.h>

static double table[64][64];

int main(void) {
  for (int i = 0; i < 64; ++i) {
    for (int j = 0; j < 64; ++j) table[i][j] = pow(j, 1.5) * i;
  }
  printf("%f\n", table[3][4]);
  return 0;
}
