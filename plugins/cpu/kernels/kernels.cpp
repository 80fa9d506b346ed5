#include "plugins/cpu/kernels/kernels.h"

namespace ridgeline::cpu {
namespace {

// Scalar multiply-adds for a processor whose vector instructions have no kernel here. The lanes are independent, so
// that a compiler may use what the architecture guarantees.
double multiplyAdd(int64_t iterations) {
  constexpr int kLanes = 32;
  float sums[kLanes];
  for (int i = 0; i < kLanes; ++i) sums[i] = static_cast<float>(i);
  for (int64_t n = 0; n < iterations; ++n) {
    for (float& sum : sums) sum = sum * 0.999f + 0.001f;
  }
  double total = 0;
  for (const float sum : sums) total += static_cast<double>(sum);
  return total;
}

}  // namespace

ComputeKernel portableKernel() { return {"float32", "compiled C++, 32 lanes", 64, multiplyAdd}; }

std::vector<ComputeKernel> computeKernels(const Processor& processor) {
  std::vector<ComputeKernel> kernels;
  appendX86Kernels(processor, kernels);
  appendAmxKernels(processor, kernels);
  appendNeonKernels(processor, kernels);
  if (kernels.empty()) kernels.push_back(portableKernel());
  return kernels;
}

}  // namespace ridgeline::cpu
