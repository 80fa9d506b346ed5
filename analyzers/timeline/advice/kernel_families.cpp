#include "analyzers/timeline/advice/kernel_families.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace ridgeline::analyzers {
namespace {

using Words = std::initializer_list<std::string_view>;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

bool hasAny(const std::string& name, Words words) {
  return std::any_of(words.begin(), words.end(), [&](auto w) { return name.find(w) != name.npos; });
}

// The types in cuBLAS's, cuDNN's and CUTLASS's names: "ampere_fp16_s16816gemm_fp16_...",
// "cutlass_80_tensorop_s1688gemm_...", "sm80_xmma_fprop_implicit_gemm_tf32f32_...",
// "sm80_xmma_gemm_f32f32_f32f32_f32_..._ffma_...", "volta_sgemm_...".
KernelFamily matrixFamily(const std::string& name) {
  if (hasAny(name, {"fp16", "bf16", "_f16", "h884", "h1688", "h16816", "hgemm", "half_t"}))
    return KernelFamily::MatrixHalf;
  if (hasAny(name, {"tf32", "tensorop_s1688"})) return KernelFamily::MatrixTf32;
  if (hasAny(name, {"s1688", "s16816", "s884", "tensorop", "i8816", "i16832", "int8", "dgemm", "zgemm", "f64"})) {
    return KernelFamily::Other;
  }
  if (hasAny(name, {"sgemm", "scudnn", "f32f32_f32f32_f32", "ffma"})) return KernelFamily::MatrixFp32;
  return KernelFamily::Other;
}

}  // namespace

KernelFamily familyOf(std::string_view kernel) {
  const auto name = lower(kernel);
  if (hasAny(name, {"nchwtonhwc", "nhwctonchw"})) return KernelFamily::LayoutChange;
  if (hasAny(name, {"elementwise_kernel", "pointwise_kernel"})) return KernelFamily::ElementWise;
  if (hasAny(name, {"gemm", "scudnn", "fprop", "dgrad", "wgrad", "conv"})) return matrixFamily(name);
  return KernelFamily::Other;
}

double capabilityNamedBy(std::string_view kernel) {
  constexpr std::array<std::pair<std::string_view, double>, 12> kNames{{{"sm100_", 10},
                                                                        {"sm90_", 9},
                                                                        {"hopper_", 9},
                                                                        {"sm89_", 8.9},
                                                                        {"sm86_", 8.6},
                                                                        {"sm80_", 8},
                                                                        {"cutlass_80_", 8},
                                                                        {"ampere_", 8},
                                                                        {"sm75_", 7.5},
                                                                        {"turing_", 7.5},
                                                                        {"sm70_", 7},
                                                                        {"volta_", 7}}};
  for (const auto& [word, capability] : kNames) {
    if (kernel.find(word) != kernel.npos) return capability;
  }
  return 0;
}

}  // namespace ridgeline::analyzers
