#include "advisor/asleep.h"
#include "advisor/trial.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ridgeline::advisor;

namespace {

Judgement measured(double ratio, double halfWidth) {
  Judgement j;
  j.ratio = ratio;
  j.ci95 = {ratio - halfWidth, ratio + halfWidth};
  j.verdict = j.ci95.lo > 1.005 ? Verdict::Faster : j.ci95.hi < 0.995 ? Verdict::Slower : Verdict::Inconclusive;
  return j;
}

}  // namespace

TEST_CASE("what wins where threads sleep is worth it when nothing is lost where they spin") {
  CHECK(paysAsleep(measured(1.0, 0.01), measured(1.02, 0.005), false));
  CHECK(paysAsleep(measured(1.0, 0.01), measured(1.3, 0.02), true));
  CHECK(nearlyAsFast(measured(1.0, 0.01)));
}

TEST_CASE("what wins where threads sleep must win more than it loses where they spin") {
  CHECK(paysAsleep(measured(0.97, 0.005), measured(1.3, 0.02), true));
  CHECK_FALSE(paysAsleep(measured(0.97, 0.005), measured(1.03, 0.005), false));
}

TEST_CASE("what wins where threads sleep is not worth a clear loss where they spin") {
  CHECK_FALSE(paysAsleep(measured(0.93, 0.01), measured(1.5, 0.02), false));
  CHECK_FALSE(nearlyAsFast(measured(0.93, 0.01)));
  CHECK(nearlyAsFast(measured(0.93, 0.08)));  // may be noise
  CHECK_FALSE(nearlyAsFast(measured(0.88, 0.15)));
}

TEST_CASE("less precision is not given for a percent") {
  CHECK_FALSE(paysAsleep(measured(1.0, 0.01), measured(1.02, 0.005), true));
}

TEST_CASE("an unsure win where threads sleep does not count") {
  CHECK_FALSE(paysAsleep(measured(1.0, 0.01), measured(1.05, 0.06), false));
}

TEST_CASE("what wins a little where threads spin must not lose more where they sleep") {
  CHECK(losesAsleep(measured(1.05, 0.01), measured(0.94, 0.01)));
  CHECK_FALSE(losesAsleep(measured(1.10, 0.01), measured(0.94, 0.01)));
  CHECK_FALSE(losesAsleep(measured(1.05, 0.01), measured(0.94, 0.08)));  // may be noise
  CHECK(mayLoseAsleep(measured(1.05, 0.01)));
  CHECK_FALSE(mayLoseAsleep(measured(1.4, 0.01)));
}

TEST_CASE("forms are compared by both ways of waiting where both were measured") {
  Trial trial;
  trial.judgement = measured(1.02, 0.005);
  CHECK(trial.speedUp() == Approx(1.02));
  trial.asleep = measured(1.2, 0.02);
  CHECK(trial.speedUp() == Approx(std::sqrt(1.02 * 1.2)));
  trial.asleep.reset();
  trial.spinning = measured(1.0, 0.01);
  CHECK(trial.speedUp() == Approx(std::sqrt(1.02)));
  CHECK(trial.whereThreadsSpin().ratio == 1.0);
}
