/* A program of the fake CUDA: two steps of a small network, a graph, and whatever else its argument asks for. */
#include "fake_cuda.h"

#include <cuda.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  if (cuInit(0) != CUDA_SUCCESS) {
    fprintf(stderr, "cuda_work: no CUDA-capable device\n");
    return 3;
  }
  fake_create_context();
  fake_allocate(1 << 20, 0);
  for (int step = 0; step < 2; ++step) {
    fake_begin_range("step");
    fake_begin_range("aten::linear, seq = 12, sizes = [[8, 64], [32, 64]], op_id = 5");
    fake_copy(4096, 1);
    fake_launch("_Z4gemmILi128EEvPf", 4, 128, 20000);
    fake_end_range();
    fake_begin_range("aten::relu, seq = 13, sizes = [[8, 32]]");
    fake_launch("_Z4reluPf", 8, 256, 3000);
    fake_end_range();
    fake_end_range();
  }
  fake_launch_graph(3);
  if (strcmp(what, "spoil") == 0) fake_spoiled_kernel();
  if (strcmp(what, "killed") == 0) raise(SIGKILL);
  fake_allocate(1 << 20, 1);
  fake_copy(1024, 0);
  fake_destroy_context();
  return strcmp(what, "fail") == 0 ? 3 : 0;
}
