// RUN: checks=cpu-invariant-call,cpu-loop-order

#include <math.h>
#include <stdio.h>

static double table[64][64];

int main(void) {
  double base = 2.5;
  for (int j = 0; j < 64; ++j) {
    for (int i = 0; i < 64; ++i) {
      table[i][j] = pow(base, 1.5) * i;
      // CHECK-MESSAGES: pow gives the same in every round of the loop
      // CHECK-MESSAGES: the inner loop over 'i' steps 512 bytes through 'table'
    }
  }
  printf("%f\n", table[3][4]);
  return 0;
}
