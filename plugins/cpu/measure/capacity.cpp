#include "plugins/cpu/measure/capacity.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::cpu {
namespace {

constexpr double kDistinct = 1.3;  // cache to DRAM, for the difference to mean anything
constexpr int kTries = 6;          // one that is left alone is enough
constexpr int64_t kUnit = 64 * 1024;

}  // namespace

int64_t usableCapacity(Team& team, const StreamKernels& kernels, const ThreadBuffers& buffers,
                       const CapacityQuestion& question, const StopFlag& stop) {
  if (question.dramRate <= 0 || question.cacheRate < kDistinct * question.dramRate) return 0;
  const double threshold = std::sqrt(question.cacheRate * question.dramRate);
  int64_t fits = question.knownBytes;
  for (const double part : {0.125, 0.25, 0.375, 0.5, 0.75, 1.0}) {
    const auto bytes = static_cast<int64_t>(part * static_cast<double>(question.shareBytes)) / kUnit * kUnit;
    if (bytes <= fits) continue;
    if (bytes > question.bufferBytes) break;
    auto read = levelContestants(kernels, buffers, {"L3", bytes, question.shareBytes, ""}, team.size()).read;
    bool fast = false;
    for (int i = 0; i < kTries && !fast && !stop.requested(); ++i) fast = timeOnce(team, read, 1, 1).rate >= threshold;
    if (!fast) break;
    fits = bytes;
  }
  return fits * team.size();
}

}  // namespace ridgeline::cpu
