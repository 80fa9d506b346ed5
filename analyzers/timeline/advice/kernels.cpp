// Rules about what kernels compute in.
#include "analyzers/kernel_name.h"
#include "analyzers/timeline/advice/kernel_families.h"
#include "analyzers/timeline/advice/rules.h"
#include "base/units.h"

namespace ridgeline::analyzers {
namespace {

using namespace profile;

struct FamilySum {
  double ns = 0;
  int64_t calls = 0;
  std::string longest;  // the kernel with most of it
};

FamilySum sumOf(const TraceFacts& f, KernelFamily family) {
  FamilySum sum;
  for (const auto& g : f.groups) {  // most time first
    if (familyOf(f.nameOf(g)) != family) continue;
    sum.ns += g.totalNs, sum.calls += g.calls;
    if (sum.longest.empty()) sum.longest = shortKernelName(f.nameOf(g));
  }
  return sum;
}

ProgramChange precisionChange(const TraceFacts& f, const FamilySum& sum, const char* variant, const char* now,
                              double saved) {
  ProgramChange change{.rule = "use-tensor-cores", .variant = variant, .lossy = true, .target = f.device};
  change.gainNs = sum.ns * saved;
  change.evidence.push_back(fmt::format("{} matrix kernels {}: {}, {} of the kernel time", sum.calls, now,
                                        stepText(f, sum.ns), formatPercent(sum.ns / f.kernelNs())));
  change.evidence.push_back("most of all " + sum.longest);
  change.evidence.push_back(fmt::format("compute capability {:.1f}{}", f.capability,
                                        f.capabilityByName ? " or later, by the names of kernels" : ""));
  return change;
}

}  // namespace

// Peaks as in NVIDIA's architecture white papers: of the A100, TF32 has 8 times FP32's and BF16 twice TF32's; of the
// H100, FP8 twice BF16's. Memory and shapes hold kernels to less, so that less is predicted.
ProgramChanges lowerPrecision(const TraceFacts& f) {
  ProgramChanges out;
  const auto add = [&](KernelFamily family, double least, double most, const char* variant, const char* now,
                       double saved, const char* assumption) {
    if (f.capability < least || f.capability >= most) return;
    const auto sum = sumOf(f, family);
    if (sum.ns <= 0) return;
    out.push_back(precisionChange(f, sum, variant, now, saved));
    out.back().assumption = assumption;
  };
  constexpr double kAny = 1e9;
  add(KernelFamily::MatrixFp32, 8, kAny, "tf32", "run on FP32 lanes", 0.5,
      "assumes that tensor cores halve them, a quarter of what their peak promises; rounds inputs to 10 bits");
  add(KernelFamily::MatrixFp32, 7, 8, "fp16", "run on FP32 lanes", 0.5,
      "assumes that tensor cores halve them, a quarter of what their peak promises; FP16 needs care with its range");
  add(KernelFamily::MatrixTf32, 8, kAny, "bf16", "run in TF32", 0.33,
      "assumes a third less time for twice the peak and half the bytes; rounds to 8 bits");
  add(KernelFamily::MatrixHalf, 8.9, kAny, "fp8", "run in FP16 or BF16", 0.25,
      "assumes a quarter less time for twice the peak; needs scaling, and a check of the outputs");
  return out;
}

ProgramChanges keepChannelsLast(const TraceFacts& f) {
  const auto sum = sumOf(f, KernelFamily::LayoutChange);
  if (sum.calls == 0) return {};
  ProgramChange change{.rule = "keep-channels-last", .target = f.device, .gainNs = sum.ns};
  change.evidence.push_back(
      fmt::format("{} kernels only reorder tensors between NCHW and NHWC: {}", sum.calls, stepText(f, sum.ns)));
  change.evidence.push_back("most of all " + sum.longest);
  change.assumption = "assumes that a model kept in NHWC (memory_format=channels_last) needs none of them";
  return {change};
}

}  // namespace ridgeline::analyzers
