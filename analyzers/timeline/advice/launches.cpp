// Rules about how much the host has to launch.
#include "analyzers/timeline/advice/kernel_families.h"
#include "analyzers/timeline/advice/rules.h"
#include "base/units.h"

#include <algorithm>
#include <unordered_map>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

constexpr double kGapInGraphNs = 1500;  // between kernels of one graph
constexpr int64_t kFewestRepetitions = 3;
constexpr size_t kShortestChain = 3;
constexpr double kUnderfilledShare = 0.3;

// Elements of the running chain of each stream.
struct Chain {
  size_t length = 0;
  double sumNs = 0, longestNs = 0;
};

struct ChainSums {
  int64_t chains = 0, kernels = 0;
  double ns = 0, gainNs = 0;
  void end(Chain& chain) {
    if (chain.length >= kShortestChain) {
      ++chains, kernels += static_cast<int64_t>(chain.length);
      ns += chain.sumNs, gainNs += chain.sumNs - chain.longestNs;
    }
    chain = {};
  }
};

}  // namespace

ProgramChanges useGraphs(const TraceFacts& f) {
  const auto gaps = f.launchGaps();
  const double gain = gaps.ns - static_cast<double>(gaps.count) * kGapInGraphNs;
  if (f.steps < kFewestRepetitions || gain <= 0) return {};
  ProgramChange change{.rule = "use-cuda-graphs", .target = f.device, .gainNs = gain};
  change.evidence.push_back(fmt::format("{} idle in {} gaps of at most 100 us, each until a launch that came late",
                                        timeText(gaps.ns), gaps.count));
  change.evidence.push_back(
      fmt::format("{} kernels in {} steps, median step {}", f.use.kernels, f.steps, timeText(f.stepNs)));
  if (f.use.queueMean) {
    change.evidence.push_back(
        fmt::format("{} launches were waiting on average", formatSignificant(*f.use.queueMean, 2)));
  }
  change.assumption =
      "assumes that every step launches the same kernels in the same shapes, and 1.5 us between kernels of a graph";
  return {change};
}

ProgramChanges fuseChains(const TraceFacts& f) {
  std::unordered_map<uint32_t, KernelFamily> families;  // by label
  std::unordered_map<uint32_t, Chain> open;             // by track
  ChainSums sums;
  for (const auto i : f.work) {
    const auto& s = f.scene.slice(i);
    auto it = families.find(s.label);
    if (it == families.end()) it = families.emplace(s.label, familyOf(f.scene.labelOf(i))).first;
    auto& chain = open[s.track];
    if (s.kind != SliceKind::Kernel || it->second != KernelFamily::ElementWise) {
      sums.end(chain);
      continue;
    }
    const auto ns = static_cast<double>(s.durationNs);
    ++chain.length, chain.sumNs += ns, chain.longestNs = std::max(chain.longestNs, ns);
  }
  for (auto& [track, chain] : open) sums.end(chain);
  if (sums.chains == 0) return {};
  ProgramChange change{.rule = "fuse-element-wise", .target = f.device, .gainNs = sums.gainNs};
  change.evidence.push_back(fmt::format("{} element-wise kernels stand in {} rows of {} or more, {}", sums.kernels,
                                        sums.chains, kShortestChain, stepText(f, sums.ns)));
  change.assumption =
      "assumes that a row becomes one kernel (torch.compile, a fused operator) that takes as long as its longest did";
  return {change};
}

ProgramChanges batchMore(const TraceFacts& f) {
  if (f.multiprocessors <= 0) return {};
  double known = 0, small = 0;
  int64_t calls = 0;
  std::unordered_map<int64_t, double> blocks;  // launch_shape.id
  for (const auto& shape : f.scene.shapes) {
    if (shape.gridX && shape.gridY && shape.gridZ) {
      blocks[shape.id.value] =
          static_cast<double>(*shape.gridX) * static_cast<double>(*shape.gridY) * static_cast<double>(*shape.gridZ);
    }
  }
  for (const auto& g : f.groups) {
    const auto at = blocks.find(g.shape.value);
    if (at == blocks.end() || g.kind != KernelKind::Compute) continue;
    known += g.totalNs;
    if (at->second < static_cast<double>(f.multiprocessors)) small += g.totalNs, calls += g.calls;
  }
  if (known <= 0 || small < kUnderfilledShare * known) return {};
  const auto gaps = f.launchGaps();
  ProgramChange change{.rule = "batch-more", .target = f.device, .gainNs = (small + gaps.ns) / 2};
  change.evidence.push_back(
      fmt::format("{} launches have fewer blocks than the device has multiprocessors ({}): {}, {} of the kernel time",
                  calls, f.multiprocessors, stepText(f, small), formatPercent(small / known)));
  if (gaps.count > 0) {
    change.evidence.push_back(fmt::format("{} more in {} short waits for launches", timeText(gaps.ns), gaps.count));
  }
  change.assumption =
      "a gain for each item, not of latency: assumes that twice the batch fills idle multiprocessors at no further "
      "time";
  return {change};
}

}  // namespace ridgeline::analyzers
