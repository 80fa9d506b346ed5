#include "analyzers/diff/items.h"
#include "analyzers/diff/latency.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace ridgeline;
using namespace ridgeline::analyzers;

namespace {

// `count` operators of 1 to 2 ms, each known to 0.5 %, and off from its truth by as much.
std::vector<DiffItem> network(int count, uint64_t seed, double factor = 1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0, 0.005);
  std::vector<DiffItem> items;
  for (int i = 0; i < count; ++i) {
    const double truth = (1 + static_cast<double>(i) / count) * factor;
    items.push_back({.name = "op" + std::to_string(i),
                     .type = "Conv",
                     .shapes = "s" + std::to_string(i),
                     .timeMs = truth * (1 + noise(random)),
                     .errorMs = truth * 0.005});
  }
  return items;
}

std::vector<double> runs(double ms, double spread, int count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0, spread);
  std::vector<double> out;
  for (int i = 0; i < count; ++i) out.push_back(ms * std::exp(noise(random)));
  return out;
}

int changedIn(const ItemDiff& diff) {
  int n = 0;
  for (const auto& r : diff.rows) n += r.status != DiffStatus::Same;
  return n;
}

}  // namespace

TEST_CASE("two recordings of one network have no changed operator in nearly all cases") {
  int alarms = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    alarms += changedIn(compareItems(network(60, seed), network(60, seed + 1000), true)) > 0;
  }
  CHECK(alarms <= 5);
}

TEST_CASE("an operator that takes 10 % longer is named first") {
  int first = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    auto b = network(60, seed + 1000);
    b[17].timeMs *= 1.1;
    const auto diff = compareItems(network(60, seed), b, true);
    first += diff.rows[0].name == "op17" && diff.rows[0].status == DiffStatus::Changed;
  }
  CHECK(first >= 48);
}

TEST_CASE("a slower machine does not hide the operator that changed, nor is every operator called changed") {
  auto b = network(60, 2, 1.08);
  b[5].timeMs *= 1.12;
  const auto diff = compareItems(network(60, 1), b, true);
  CHECK(diff.commonRatio == Approx(1.08).epsilon(0.01));
  CHECK(diff.rows[0].name == "op5");
  CHECK(changedIn(diff) == 1);
  // The change itself is told as it was measured, the machine's part included.
  CHECK(diff.rows[0].deltaMs == Approx(*diff.rows[0].bMs - *diff.rows[0].aMs));
  CHECK(diff.rows[0].excessMs < diff.rows[0].deltaMs);
}

TEST_CASE("where settings differ, what all share is a change") {
  const auto diff = compareItems(network(20, 1), network(20, 2, 1.2), false);
  CHECK(changedIn(diff) == 20);
}

TEST_CASE("an operator that dominates does not pass for the machine") {
  std::vector<DiffItem> a = network(10, 1), b = network(10, 2);
  a[3].timeMs = 100;
  b[3].timeMs = 120;
  const auto diff = compareItems(a, b, true);
  CHECK(diff.rows[0].name == "op3");
  CHECK(diff.commonRatio == Approx(1).epsilon(0.02));
}

TEST_CASE("added and removed operators count with their whole time") {
  auto a = network(8, 1), b = network(8, 2);
  a.push_back({.name = "gone", .type = "Gone", .timeMs = 4});
  b.push_back({.name = "new", .type = "New", .timeMs = 5});
  const auto diff = compareItems(a, b, true);
  REQUIRE(diff.rows.size() == 10);
  CHECK(diff.rows[0].name == "new");
  CHECK(diff.rows[0].status == DiffStatus::Added);
  CHECK(diff.rows[0].deltaMs == 5);
  CHECK_FALSE(diff.rows[0].aMs);
  CHECK(diff.rows[1].name == "gone");
  CHECK(diff.rows[1].status == DiffStatus::Removed);
  CHECK(diff.rows[1].deltaMs == -4);
}

TEST_CASE("of samples taken in turns, what disturbs a round disturbs both sides") {
  std::vector<DiffItem> a(6), b(6);
  for (int i = 0; i < 6; ++i) {
    const auto n = static_cast<size_t>(i);
    a[n] = b[n] = {.name = "op" + std::to_string(i), .type = "Conv", .timeMs = 1};
    for (int round = 0; round < 15; ++round) {
      const double mood = round % 3 == 0 ? 3 : 1;
      a[n].samplesMs.push_back(mood);
      b[n].samplesMs.push_back(mood * (i == 2 ? 1.05 : 1));
    }
  }
  const auto diff = compareItems(a, b, true);
  CHECK(diff.rows[0].name == "op2");
  CHECK(diff.rows[0].status == DiffStatus::Changed);
  CHECK(diff.rows[0].deltaMs == Approx(0.05));
  CHECK(changedIn(diff) == 1);
}

TEST_CASE("runs of the same length are the same, and clearly longer ones slower") {
  const auto same = compareRuns(runs(10, 0.01, 100, 1), runs(10, 0.01, 100, 2));
  CHECK(same.ci95.lo < 1);
  CHECK(same.ci95.hi > 1);
  CHECK((same.verdict == DiffVerdict::Same || same.verdict == DiffVerdict::Inconclusive));
  const auto slower = compareRuns(runs(10, 0.01, 100, 1), runs(12, 0.01, 100, 2));
  CHECK(slower.verdict == DiffVerdict::Slower);
  CHECK(slower.ratio == Approx(1.2).epsilon(0.01));
  CHECK(compareRuns(runs(12, 0.01, 100, 1), runs(10, 0.01, 100, 2)).verdict == DiffVerdict::Faster);
}

TEST_CASE("a machine whose mood swings within a recording makes for doubt") {
  std::vector<double> a = runs(10, 0.01, 80, 1), b = runs(11, 0.01, 80, 2);
  for (size_t i = 0; i < 80; ++i) {
    const double mood = (i / 10) % 2 ? 1.15 : 1;
    a[i] *= mood;
    b[i] *= mood;
  }
  CHECK(compareRuns(a, b).verdict == DiffVerdict::Inconclusive);
}

TEST_CASE("too few runs, and times of nothing, give no verdict") {
  CHECK(compareRuns(std::vector<double>{1, 1, 1}, std::vector<double>{2, 2, 2}).verdict == DiffVerdict::Inconclusive);
  CHECK(compareRuns(std::vector<double>{0, 0, 0, 0, 0, 0, 0}, std::vector<double>{2, 2, 2, 2, 2, 2, 2}).verdict ==
        DiffVerdict::Inconclusive);
}
