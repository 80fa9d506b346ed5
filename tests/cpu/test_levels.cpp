// Working sets: which memory each level is measured with.
#include "plugins/cpu/measure/levels.h"

#include <catch2/catch.hpp>

using namespace ridgeline::cpu;

namespace {

constexpr int64_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;

std::vector<LogicalProcessor> cores(int count, int threadsPerCore = 1, int coresPerL3 = 1 << 20) {
  std::vector<LogicalProcessor> placed;
  for (int core = 0; core < count; ++core) {
    for (int t = 0; t < threadsPerCore; ++t)
      placed.push_back({core * threadsPerCore + t, core, core, core / coresPerL3});
  }
  return placed;
}

const LevelPlan* find(const std::vector<LevelPlan>& plans, const std::string& level) {
  for (const auto& plan : plans) {
    if (plan.level == level) return &plan;
  }
  return nullptr;
}

const std::vector<CacheLevel> kZen = {{"L1d", 32 * kKiB, 2}, {"L2", 1 * kMiB, 2}, {"L3", 32 * kMiB, 16}};

}  // namespace

TEST_CASE("each level's working set overflows the level below and fits its own") {
  const auto plans = planLevels(kZen, cores(8, 1, 8), 64 * kGiB);
  REQUIRE(plans.size() == 4);
  const auto *l1 = find(plans, "L1"), *l2 = find(plans, "L2"), *l3 = find(plans, "L3"), *dram = find(plans, "DRAM");
  CHECK(l1->bytesPerThread <= 16 * kKiB);
  CHECK(l1->bytesPerThread > 12 * kKiB);
  CHECK(l2->bytesPerThread > 2 * 32 * kKiB);
  CHECK(l2->bytesPerThread <= kMiB / 2);
  CHECK(l3->bytesPerThread > kMiB);
  CHECK(8 * l3->bytesPerThread < 32 * kMiB);
  CHECK(l3->shareBytes == 4 * kMiB);
  CHECK(8 * dram->bytesPerThread >= 95 * kMiB);
  CHECK(dram->note.empty());
}

TEST_CASE("hardware threads of one core share its caches") {
  const auto alone = planLevels(kZen, cores(4, 1, 4), 64 * kGiB);
  const auto pairs = planLevels(kZen, cores(4, 2, 4), 64 * kGiB);
  CHECK(find(pairs, "L1")->bytesPerThread <= find(alone, "L1")->bytesPerThread / 2);
  CHECK(find(pairs, "L2")->bytesPerThread <= find(alone, "L2")->bytesPerThread / 2);
}

TEST_CASE("cores of a cluster share its L2") {
  auto placed = cores(4);
  for (auto& processor : placed) processor.l2Domain = 0;
  const std::vector<CacheLevel> caches = {{"L1d", 32 * kKiB, 1}, {"L2", 2 * kMiB, 4}};
  CHECK(find(planLevels(caches, placed, kGiB), "L2")->bytesPerThread == 256 * kKiB / 3072 * 3072);
}

TEST_CASE("every last-level cache in use counts for what DRAM's working set must exceed") {
  const auto one = planLevels(kZen, cores(8, 1, 8), 64 * kGiB);
  const auto six = planLevels(kZen, cores(48, 1, 8), 64 * kGiB);
  CHECK(48 * find(six, "DRAM")->bytesPerThread >= 3 * 6 * 32 * kMiB - 48 * 192 * kKiB);
  CHECK(find(six, "L3")->bytesPerThread == find(one, "L3")->bytesPerThread);
}

TEST_CASE("a level that cannot be told from its neighbour is left out") {
  // One MiB of L2 a core, half a MiB of L3.
  const auto plans = planLevels({{"L1d", 64 * kKiB, 1}, {"L2", kMiB, 1}, {"L3", 32 * kMiB, 64}}, cores(64), 128 * kGiB);
  CHECK(find(plans, "L3") == nullptr);
  CHECK(find(plans, "L2") != nullptr);
}

TEST_CASE("little memory makes a smaller working set, and says so") {
  const auto plans = planLevels({{"L1d", 48 * kKiB, 1}, {"L2", 2 * kMiB, 1}, {"L3", 260 * kMiB, 2}}, cores(2), kGiB);
  const auto* dram = find(plans, "DRAM");
  CHECK(2 * dram->bytesPerThread <= kGiB / 4);
  CHECK(dram->note.find("last-level cache") != std::string::npos);
}

TEST_CASE("a machine whose caches are unknown still has DRAM") {
  const auto plans = planLevels({}, cores(1), 0);
  REQUIRE(plans.size() == 1);
  CHECK(plans[0].level == "DRAM");
  CHECK(plans[0].bytesPerThread >= 64 * kMiB);
}
