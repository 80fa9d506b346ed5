#include "advisor/judge.h"

#include <catch2/catch.hpp>

#include <random>

using namespace ridgeline;
using namespace ridgeline::advisor;

namespace {

// A model whose runs take `ns` with noise of the given relative size, on a machine that slows down by `drift` a run.
struct FakeModel {
  double ns;
  double noise;
  std::mt19937& random;
  double* slowdown;
  double drift = 0;
  Result<int64_t> operator()() {
    *slowdown += drift;
    std::normal_distribution<double> n(1, noise);
    return static_cast<int64_t>(ns * std::max(0.1, n(random)) * (1 + *slowdown));
  }
};

Judgement judgeFakes(double a, double b, double noise, double drift, unsigned seed, JudgeOptions options = {}) {
  std::mt19937 random(seed);
  double slowdown = 0;
  FakeModel first{a, noise, random, &slowdown, drift}, second{b, noise, random, &slowdown, drift};
  auto j = judge(TimedRun(std::ref(first)), TimedRun(std::ref(second)), options, quietJob());
  REQUIRE(j);
  return *j;
}

}  // namespace

TEST_CASE("a clearly faster model is faster, a slower one slower, and the ratio is right") {
  const auto faster = judgeFakes(10e6, 5e6, 0.03, 0, 1);
  CHECK(faster.verdict == Verdict::Faster);
  CHECK(faster.ratio == Approx(2).epsilon(0.03));
  CHECK(faster.baselineMs == Approx(10).epsilon(0.03));
  CHECK(faster.candidateMs == Approx(5).epsilon(0.03));
  CHECK(faster.gainMs() == Approx(5).epsilon(0.1));
  CHECK(judgeFakes(5e6, 10e6, 0.03, 0, 1).verdict == Verdict::Slower);
}

TEST_CASE("equal models are hardly ever called faster") {
  int called = 0;
  for (unsigned seed = 0; seed < 200; ++seed) called += judgeFakes(4e6, 4e6, 0.05, 0, seed).verdict == Verdict::Faster;
  CHECK(called <= 4);
}

TEST_CASE("a machine that slows down all the while does not favour either side") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto j = judgeFakes(4e6, 4e6, 0.002, 0.01, seed);
    CHECK(j.ratio == Approx(1).epsilon(0.004));
  }
}

TEST_CASE("with cold caches, no run follows one of the same model") {
  // The first is fast when it has just run, the second never.
  char last = ' ';
  const TimedRun first = [&] {
    const int64_t ns = last == 'a' ? 100'000 : 300'000;
    last = 'a';
    return Result<int64_t>(ns);
  };
  const TimedRun second = [&] {
    last = 'b';
    return Result<int64_t>(200'000);
  };
  JudgeOptions options;
  CHECK(judge(first, second, options, quietJob())->verdict == Verdict::Slower);
  options.coldCaches = true;
  const auto cold = judge(first, second, options, quietJob());
  CHECK(cold->ratio == Approx(1.5));
  CHECK(cold->verdict == Verdict::Faster);
}

TEST_CASE("measuring goes on until the interval is narrow, and no longer") {
  JudgeOptions options;
  options.widthWanted = 0.02;
  const auto calm = judgeFakes(4e6, 3e6, 0.001, 0, 3, options), noisy = judgeFakes(4e6, 3e6, 0.08, 0, 3, options);
  CHECK(calm.rounds() == options.minRounds);
  CHECK(noisy.rounds() > 3 * options.minRounds);
}

TEST_CASE("a judgement stops when asked, and passes on a model that fails") {
  StopFlag stop;
  stop.request();
  Progress progress;
  const auto stopped =
      judge([] { return Result<int64_t>(1000); }, [] { return Result<int64_t>(1000); }, {}, {progress, stop});
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == ErrorCode::Interrupted);
  const auto failing =
      judge([] { return Result<int64_t>(1000); }, []() -> Result<int64_t> { return badInput("no"); }, {}, quietJob());
  REQUIRE_FALSE(failing);
  CHECK(failing.error().message == "no");
}

TEST_CASE("builds that differ more than their rounds leave it open which model is faster") {
  const auto build = [](double ratio) {
    return Judgement{.baselineMs = ratio, .candidateMs = 1, .ratios = std::vector<double>(20, ratio)};
  };
  const std::vector<Judgement> few{merge({build(1.02)}, 0.005), merge({build(1.06)}, 0.005)};
  CHECK(merge(few, 0.005).verdict == Verdict::Faster);
  std::vector<Judgement> apart, alike;
  for (const double ratio : {1.2, 0.9, 1.15, 0.95, 1.1, 1.1}) apart.push_back(merge({build(ratio)}, 0.005));
  for (const double ratio : {1.05, 1.06, 1.05, 1.04, 1.05, 1.06}) alike.push_back(merge({build(ratio)}, 0.005));
  CHECK(merge(apart, 0.005).verdict == Verdict::Inconclusive);
  CHECK(merge(alike, 0.005).verdict == Verdict::Faster);
  CHECK(merge(alike, 0.005).ci95.hi < 1.07);
}

TEST_CASE("judgements of several builds are one judgement over all rounds") {
  const auto a = judgeFakes(10e6, 5e6, 0.02, 0, 1), b = judgeFakes(10e6, 5e6, 0.02, 0, 2);
  const auto both = merge({a, b}, 0.005);
  CHECK(both.rounds() == a.rounds() + b.rounds());
  CHECK(both.ci95.width() <= std::max(a.ci95.width(), b.ci95.width()));
  CHECK(both.verdict == Verdict::Faster);
}
