// What the programs share: an error ends them with status 3, and times are the device's own.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CHECK(call)                                                                 \
  do {                                                                              \
    const cudaError_t status = (call);                                              \
    if (status != cudaSuccess) {                                                    \
      std::fprintf(stderr, "%s: %s\n", #call, cudaGetErrorString(status));          \
      std::exit(3);                                                                 \
    }                                                                               \
  } while (0)

template <class Type>
Type* device(size_t count) {
  Type* memory = nullptr;
  CHECK(cudaMalloc(&memory, count * sizeof(Type)));
  CHECK(cudaMemset(memory, 0, count * sizeof(Type)));
  return memory;
}

// Milliseconds of what `body` puts into the default stream.
template <class Body>
float milliseconds(Body&& body) {
  cudaEvent_t from, to;
  CHECK(cudaEventCreate(&from));
  CHECK(cudaEventCreate(&to));
  CHECK(cudaEventRecord(from));
  body();
  CHECK(cudaEventRecord(to));
  CHECK(cudaEventSynchronize(to));
  float ms = 0;
  CHECK(cudaEventElapsedTime(&ms, from, to));
  CHECK(cudaEventDestroy(from));
  CHECK(cudaEventDestroy(to));
  return ms;
}
