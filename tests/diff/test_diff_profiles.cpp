#include "analyzers/diff/diff.h"
#include "profile/timeline_vocabulary.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace ridgeline;
using namespace ridgeline::analyzers;
using namespace ridgeline::profile;

namespace {

struct Recipe {
  double slowFactor = 1;  // of operator 3, or of the kernels of "gemm"
  double mood = 1;        // of everything
  int threads = 2;
};

Profile recorded(const Recipe& recipe) {
  auto made = Profile::createInMemory();
  REQUIRE(made);
  auto& p = *made;
  REQUIRE(p.setMeta(meta::complete, "1"));
  REQUIRE(p.setMeta(meta::model, "net.onnx"));
  REQUIRE(p.setMeta(meta::modelSha256, "00"));
  REQUIRE(p.setMeta(meta::threads, std::to_string(recipe.threads)));
  double sum = 0;
  for (int i = 0; i < 20; ++i) {
    const double ns = 1e6 * (1 + i % 4) * recipe.mood * (i == 3 ? recipe.slowFactor : 1);
    sum += ns;
    REQUIRE(p.add(Operator{.name = "op" + std::to_string(i),
                           .opType = "Conv",
                           .callsPerRun = 2,
                           .timeNs = ns,
                           .timeMadNs = 0.002 * ns,
                           .inputShapes = "float32 1x3"}));
  }
  for (int i = 0; i < 30; ++i) {
    REQUIRE(p.add(Run{.kind = RunKind::Plain, .ordinal = i, .durationNs = static_cast<int64_t>(sum) + 1000 * (i % 7)}));
  }
  return std::move(p);
}

// `steps` steps, each with 3 launches of gemm (100 us) and one of relu (20 us).
Profile traced(int steps, double slowGemm) {
  auto made = Profile::createInMemory();
  REQUIRE(made);
  auto& p = *made;
  REQUIRE(p.setMeta(meta::complete, "1"));
  const auto track = p.add(Track{.name = "stream 7", .kind = TrackKind::Stream});
  const auto shape = p.add(LaunchShape{.gridX = 16, .gridY = 1, .gridZ = 1, .blockX = 128, .blockY = 1, .blockZ = 1});
  const auto gemm = p.label("void gemm<128, 64>(float*)"), relu = p.label("relu");
  REQUIRE(relu);
  int64_t at = 0;
  for (int s = 0; s < steps; ++s) {
    const auto run = p.add(Run{.kind = RunKind::Plain, .ordinal = s, .startNs = at, .durationNs = 400'000 + s % 3});
    REQUIRE(run);
    for (int k = 0; k < 4; ++k) {
      const auto ns = k < 3 ? static_cast<int64_t>((100'000 + s * 10) * slowGemm) : 20'000;
      const auto slice = p.add(Slice{.track = *track,
                                     .label = k < 3 ? *gemm : *relu,
                                     .run = *run,
                                     .startNs = at,
                                     .durationNs = ns,
                                     .kind = SliceKind::Kernel});
      REQUIRE(slice);
      REQUIRE(p.addAll(std::vector<KernelLaunch>{{.slice = *slice, .shape = *shape}}));
      at += ns;
    }
  }
  return std::move(p);
}

Diff diffOf(const Profile& a, const Profile& b) {
  auto sideA = loadDiffSide(a), sideB = loadDiffSide(b);
  REQUIRE(sideA);
  REQUIRE(sideB);
  return compare(std::move(*sideA), std::move(*sideB));
}

}  // namespace

TEST_CASE("a recording against itself is the same") {
  const auto p = recorded({});
  const auto diff = diffOf(p, p);
  REQUIRE(diff.latency);
  CHECK(diff.latencyOf == "runs");
  CHECK(diff.latency->ratio == 1);
  CHECK((diff.latency->verdict == DiffVerdict::Same || diff.latency->verdict == DiffVerdict::Inconclusive));
  for (const auto& row : diff.operators.rows) CHECK(row.status == DiffStatus::Same);
  CHECK(diff.operators.rows.size() == 20);
  CHECK(diff.settings.empty());
}

TEST_CASE("a planted slower operator is named first, with what it costs a run") {
  const auto diff = diffOf(recorded({}), recorded({.slowFactor = 1.1}));
  REQUIRE(!diff.operators.rows.empty());
  CHECK(diff.operators.rows[0].name == "op3");
  CHECK(diff.operators.rows[0].status == DiffStatus::Changed);
  CHECK(*diff.operators.rows[0].aMs == Approx(4));
  CHECK(*diff.operators.rows[0].bMs == Approx(4.4));
  CHECK(diff.operators.rows[0].deltaMs == Approx(0.4));
  CHECK(diff.operators.rows[1].status == DiffStatus::Same);
}

TEST_CASE("a change that all operators share is doubted where no setting explains it") {
  const auto mood = diffOf(recorded({}), recorded({.mood = 1.15}));
  CHECK(mood.latency->verdict == DiffVerdict::Inconclusive);
  CHECK(mood.notes.size() == 1);
  // The very same model: no factor is too large for the machine.
  const auto asleep = diffOf(recorded({}), recorded({.mood = 1.6}));
  CHECK(asleep.latency->verdict == DiffVerdict::Inconclusive);
  CHECK(asleep.operators.rows[0].status == DiffStatus::Same);
  const auto threads = diffOf(recorded({}), recorded({.mood = 1.15, .threads = 1}));
  CHECK(threads.latency->verdict == DiffVerdict::Slower);
  REQUIRE(threads.settings.size() == 1);
  CHECK(threads.settings[0] == "threads: 2, then 1");
}

TEST_CASE("kernels are compared per step, whatever the number of steps") {
  const auto diff = diffOf(traced(10, 1), traced(25, 1.1));
  REQUIRE(diff.kernels.rows.size() == 2);
  CHECK(diff.kernels.rows[0].name == "void gemm<128, 64>(float*)");
  CHECK(diff.kernels.rows[0].type == "gemm");
  CHECK(diff.kernels.rows[0].shapesA == "16x1x1 128x1x1");
  CHECK(*diff.kernels.rows[0].callsA == 3);
  CHECK(*diff.kernels.rows[0].aMs == Approx(0.3).epsilon(0.001));
  CHECK(*diff.kernels.rows[0].bMs == Approx(0.33).epsilon(0.005));
  CHECK(diff.kernels.rows[1].deltaMs == Approx(0).margin(1e-9));
}

TEST_CASE("profiles that have nothing, or are none, are told in a line") {
  auto empty = Profile::createInMemory();
  REQUIRE(empty);
  REQUIRE(empty->setMeta(meta::complete, "1"));
  const auto diff = diffOf(*empty, *empty);
  CHECK_FALSE(diff.latency);
  CHECK(diff.notes.size() == 1);
  const auto missing = diffProfiles("no-such.ridge", "no-such.ridge");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::BadInput);
}
