#include "plugins/cpu/measure/levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace ridgeline::cpu {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

const CacheLevel* findLevel(const std::vector<CacheLevel>& caches, std::string_view name) {
  const auto found = std::find_if(caches.begin(), caches.end(), [&](const auto& c) { return c.name == name; });
  return found == caches.end() ? nullptr : &*found;
}

int64_t roundedDown(int64_t bytes, int64_t unit) { return bytes / unit * unit; }

// The most threads that share one core's, and one L3's, caches.
int mostInOneGroup(const std::vector<LogicalProcessor>& placed, int LogicalProcessor::*group) {
  std::map<int, int> counts;
  for (const auto& processor : placed) ++counts[processor.*group];
  int most = 1;
  for (const auto& [id, count] : counts) most = std::max(most, count);
  return most;
}

int groups(const std::vector<LogicalProcessor>& placed, int LogicalProcessor::*group) {
  std::map<int, int> counts;
  for (const auto& processor : placed) ++counts[processor.*group];
  return std::max(1, static_cast<int>(counts.size()));
}

}  // namespace

std::vector<LevelPlan> planLevels(const std::vector<CacheLevel>& caches, const std::vector<LogicalProcessor>& placed,
                                  int64_t availableBytes) {
  constexpr int64_t kSmall = 3 * 1024, kLarge = 3 * 64 * 1024;
  const auto* l1 = findLevel(caches, "L1d");
  const auto* l2 = findLevel(caches, "L2");
  const auto* l3 = findLevel(caches, "L3");
  const int perCore = mostInOneGroup(placed, &LogicalProcessor::core);
  const int perL3 = mostInOneGroup(placed, &LogicalProcessor::l3Domain);
  const auto threads = static_cast<int64_t>(std::max<size_t>(1, placed.size()));
  std::vector<LevelPlan> plans;

  // Half of each core's own caches: room for what else lives there, and far above the level below.
  const int64_t l1Share = l1 ? l1->bytes / perCore : 0;
  if (l1Share >= 2 * kSmall) plans.push_back({"L1", roundedDown(l1Share / 2, kSmall), l1Share, ""});
  // Some AArch64 cores share an L2 with others of a cluster.
  const int64_t l2Share = l2 ? l2->bytes / mostInOneGroup(placed, &LogicalProcessor::l2Domain) : 0;
  if (l2 && l2Share >= 3 * l1Share) plans.push_back({"L2", roundedDown(l2Share / 2, kSmall), l2Share, ""});

  // Enough to overflow the L2, little enough to stay in the share of an L3 that other tenants of the machine use as
  // well.
  const int64_t l3Share = l3 ? l3->bytes / perL3 : 0;
  const int64_t l3Bytes = std::max(l2Share * 3 / 2, std::min(l3Share / 2, 4 * l2Share));
  if (l3 && l3Bytes <= l2Share + l3Share * 3 / 4) plans.push_back({"L3", roundedDown(l3Bytes, kLarge), l3Share, ""});

  // At least three times all the cache in reach, so that little of a pass is left when the next begins.
  const int64_t cached = l3 ? l3->bytes * groups(placed, &LogicalProcessor::l3Domain) : l2Share * threads;
  const int64_t wanted = std::max(3 * cached, 256 * kMiB);
  const int64_t limit = availableBytes > 0 ? availableBytes / 4 : 1024 * kMiB;
  const int64_t total = std::max(std::min({wanted, limit, 8192 * kMiB}), threads * kLarge);
  LevelPlan dram{"DRAM", roundedDown(total / threads, kLarge), 0, ""};
  if (total < 2 * cached) {
    dram.note = fmt::format("only {:.1f} times the last-level cache: part of it is cache speed",
                            static_cast<double>(total) / static_cast<double>(cached));
  }
  plans.push_back(std::move(dram));
  return plans;
}

}  // namespace ridgeline::cpu
