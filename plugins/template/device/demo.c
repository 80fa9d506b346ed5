/* A program that uses the device and knows nothing of Ridgeline. */
#include "acme.h"

#include <stdio.h>

int main(void) {
  for (int step = 0; step < 20; ++step) {
    acme_copy(1, 1 << 20);
    acme_launch("gemm_128x128", 64, 256, 800);
    acme_launch("softmax", 64, 128, 150);
    acme_copy(0, 1 << 16);
  }
  acme_wait();
  printf("40 kernels, 40 copies\n");
  return 0;
}
