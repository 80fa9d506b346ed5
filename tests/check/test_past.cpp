#include "advisor/check/past.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace ridgeline;
using namespace ridgeline::advisor;

TEST_CASE("by its own history a model is judged as its spread allows") {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> day(std::log(10.0), 0.02);
  int falseAlarms = 0, caught = 0;
  for (int i = 0; i < 400; ++i) {
    std::vector<double> past(20);
    for (auto& ms : past) ms = day(random);
    falseAlarms += judgeByPast(past, day(random), 0.03).verdict == CheckVerdict::Regression;
    caught += judgeByPast(past, day(random) * 1.12, 0.03).verdict == CheckVerdict::Regression;
  }
  CHECK(falseAlarms <= 16);  // 2.5 % are expected by the interval alone
  CHECK(caught >= 380);
}

TEST_CASE("recordings that agree to the digit still leave room") {
  const std::vector<double> past(10, 5.0);
  const auto same = judgeByPast(past, 5.02, 0.03);
  CHECK(same.verdict == CheckVerdict::Same);
  CHECK(same.ci95.width() > 0.02);
  CHECK(judgeByPast(past, 5.4, 0.03).verdict == CheckVerdict::Regression);
  CHECK(judgeByPast(past, 4.5, 0.03).verdict == CheckVerdict::Improvement);
}

TEST_CASE("a few recordings, none, or senseless ones decide nothing") {
  CHECK(judgeByPast({5, 5, 5, 5}, 9, 0.03).verdict == CheckVerdict::Inconclusive);
  CHECK(judgeByPast({}, 9, 0.03).verdict == CheckVerdict::Inconclusive);
  CHECK(judgeByPast({0, 0, -1, 0, 0, 0}, 9, 0.03).verdict == CheckVerdict::Inconclusive);
  CHECK(judgeByPast({5, 5, 5, 5, 5}, 0, 0.03).verdict == CheckVerdict::Inconclusive);
}
