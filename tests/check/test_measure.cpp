#include "advisor/check/measure.h"

#include <catch2/catch.hpp>

#include <random>

using namespace ridgeline;
using namespace ridgeline::advisor;

namespace {

// A machine on which a neighbour comes and goes: while it is there, everything takes half as long again.
class NoisyMachine {
 public:
  explicit NoisyMachine(uint64_t seed) : m_random(seed) {}
  Result<int64_t> run(double ms) {
    if (--m_left < 0) {
      m_busy = !m_busy;
      m_left = std::uniform_int_distribution<int>(1, 60)(m_random);
    }
    const double jitter = std::lognormal_distribution<double>(0, 0.02)(m_random);
    const double stray = std::bernoulli_distribution(0.03)(m_random) ? 1.4 : 1;
    return static_cast<int64_t>(ms * 1e6 * jitter * stray * (m_busy ? 1.5 : 1));
  }

 private:
  std::mt19937_64 m_random;
  int m_left = 0;
  bool m_busy = false;
};

// `placement`: how much the place of their memory makes sessions differ, for as long as they live.
Measurement measured(double aMs, double bMs, uint64_t seed, double placement = 0) {
  NoisyMachine machine(seed);
  std::mt19937_64 random(seed + 77);
  const auto makeSitting = [&]() -> Result<Sitting> {
    std::normal_distribution<double> luck(1, placement);
    const double a = aMs * luck(random), b = bMs * luck(random);
    return Sitting{[&machine, a] { return machine.run(a); }, [&machine, b] { return machine.run(b); }};
  };
  auto m = measureInTurns(makeSitting, {.maxRounds = 1200}, quietJob());
  REQUIRE(m);
  return *m;
}

}  // namespace

TEST_CASE("on a noisy machine an unchanged model hardly ever raises an alarm, and one 5 % slower nearly always does") {
  int falseAlarms = 0, caught = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    falseAlarms += measured(10, 10, seed).verdict == CheckVerdict::Regression;
    caught += measured(10, 10.5, seed + 1000).verdict == CheckVerdict::Regression;
  }
  CHECK(falseAlarms <= 2);
  CHECK(caught >= 96);
}

TEST_CASE("that the memory of two sessions lies differently is not taken for a difference of the models") {
  int falseAlarms = 0, falsePraise = 0, caught = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const auto same = measured(10, 10, seed, 0.015).verdict;
    falseAlarms += same == CheckVerdict::Regression;
    falsePraise += same == CheckVerdict::Improvement;
    caught += measured(10, 10.5, seed + 1000, 0.015).verdict == CheckVerdict::Regression;
  }
  CHECK(falseAlarms <= 2);
  CHECK(falsePraise <= 2);
  CHECK(caught >= 96);
}

TEST_CASE("a faster model is an improvement") {
  const auto m = measured(10, 8, 1);
  CHECK(m.verdict == CheckVerdict::Improvement);
  CHECK(m.ratio == Approx(0.8).epsilon(0.02));
  CHECK(m.ci95.lo < 0.8);
  CHECK(m.ci95.hi > 0.8);
}

TEST_CASE("a clear answer ends the measurement early") {
  CHECK(measured(10, 20, 1).rounds <= 20);
  CHECK(measured(10, 10, 1).rounds > 12);
}

TEST_CASE("very short models run several times in each place") {
  int runs = 0;
  const TimedRun quick = [&]() -> Result<int64_t> {
    ++runs;
    return 20'000;
  };
  const auto makeSitting = [&] { return Result<Sitting>(Sitting{quick, quick}); };
  auto m = measureInTurns(makeSitting, {.maxRounds = 4}, quietJob());
  REQUIRE(m);
  CHECK(m->rounds == 4);
  CHECK(m->sittings == 1);
  // 6 to warm up; 4 rounds of 4 places of 1 ms / 20 us = 50 runs.
  CHECK(runs == 6 + 4 * 4 * 50);
  CHECK(m->aMs == Approx(0.02));
  CHECK(m->ratio == 1);
}

TEST_CASE("a model that fails to run ends it, and so does a request to stop") {
  const TimedRun good = [] { return Result<int64_t>(1'000'000); };
  const TimedRun bad = []() -> Result<int64_t> { return badInput("does not run"); };
  const auto sittingOf = [&](const TimedRun& b) { return [&good, &b] { return Result<Sitting>(Sitting{good, b}); }; };
  const auto failed = measureInTurns(sittingOf(bad), {}, quietJob());
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "does not run");
  Progress silent;
  StopFlag stop;
  stop.request();
  const auto stopped = measureInTurns(sittingOf(good), {}, {silent, stop});
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == ErrorCode::Interrupted);
}

TEST_CASE("a verdict weighs the estimate, its interval and what is allowed") {
  CHECK(judgeRatio(1.05, {1.04, 1.06}, 0.03) == CheckVerdict::Regression);
  CHECK(judgeRatio(1.04, {1.02, 1.06}, 0.03) == CheckVerdict::Regression);    // surely slower, likely too slow
  CHECK(judgeRatio(1.04, {0.99, 1.09}, 0.03) == CheckVerdict::Inconclusive);  // perhaps not slower at all
  CHECK(judgeRatio(1.02, {1.015, 1.025}, 0.03) == CheckVerdict::Same);        // slower, and allowed
  CHECK(judgeRatio(1.02, {1.0, 1.04}, 0.03) == CheckVerdict::Inconclusive);
  CHECK(judgeRatio(0.95, {0.94, 0.96}, 0.03) == CheckVerdict::Improvement);
  CHECK(judgeRatio(0.99, {0.97, 1.01}, 0.03) == CheckVerdict::Same);
  CHECK(judgeRatio(1.004, {1.002, 1.006}, 0.0) == CheckVerdict::Regression);  // nothing is allowed
}
