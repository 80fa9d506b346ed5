// The loops whose speed is a roof. Each lives in a file of its instruction set, is compiled for that set by function
// attributes (so that nothing else in the program is), and is called only after the processor was found to have it.
//
// Kernel files are compiled with optimization in every build type and without sanitizers: see CMakeLists.txt.
#pragma once

#include "plugins/cpu/roofs.h"

#include <cstdint>
#include <string_view>
#include <vector>

#define RIDGELINE_TARGET(isa) __attribute__((target(isa), noinline))

namespace ridgeline::cpu {

// Runs chains of independent multiply-adds that live in registers. The result depends on every one of them, so that
// none can be left out.
struct ComputeKernel {
  std::string_view dtype;      // "float32", "bfloat16", "int8"
  std::string_view how;        // "AVX-512 FMA, 12 accumulators"
  double opsPerIteration = 0;  // a multiply-add counted as two
  double (*run)(int64_t iterations) = nullptr;
};

// Memory traffic. `bytes` and `count` are multiples of 1024 and of 256; pointers are aligned to 64.
struct StreamKernels {
  std::string_view how;  // "AVX-512 loads"
  // Reads a buffer `passes` times.
  void (*read)(const void* data, int64_t bytes, int64_t passes) = nullptr;
  // a[i] = b[i] + s * c[i], `passes` times, with ordinary stores.
  void (*triad)(float* a, const float* b, const float* c, int64_t count, int64_t passes) = nullptr;
};

// The candidates this processor can run; several for one data type where none is the fastest everywhere.
std::vector<ComputeKernel> computeKernels(const Processor& processor);
StreamKernels streamKernels(const Processor& processor);

// --- one file each under kernels/ ---
void appendX86Kernels(const Processor& processor, std::vector<ComputeKernel>& kernels);
void appendAmxKernels(const Processor& processor, std::vector<ComputeKernel>& kernels);
void appendNeonKernels(const Processor& processor, std::vector<ComputeKernel>& kernels);
ComputeKernel portableKernel();

}  // namespace ridgeline::cpu
