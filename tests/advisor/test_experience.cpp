#include "advisor/experience.h"
#include "base/files.h"
#include "tests/advisor/support/cache.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::advisor;

TEST_CASE("without trials a prediction stands as it is") {
  const test::OwnCache cache;
  CHECK(Experience(2).lesson("fuse-gelu", "", 3).factor == 1);
}

TEST_CASE("the more trials there are, the more their median counts") {
  const test::OwnCache cache;
  Experience experience(2);
  experience.learn("r", "v", 8, 4);
  CHECK(experience.lesson("r", "v", 5).factor == Approx(1 - 0.5 / 3));
  experience.learn("r", "v", 2, 1);
  CHECK(experience.lesson("r", "v", 5).factor == Approx(1 - 0.5 * 2 / 4));
  experience.learn("r", "v", 1, -40);  // one that went astray
  for (int i = 0; i < 20; ++i) experience.learn("r", "v", 4, 2);
  CHECK(experience.lesson("r", "v", 5).factor == Approx(1 - 0.5 * 16 / 18));
  CHECK(experience.lesson("r", "v", 5).trials == 16);
}

TEST_CASE("a variant that was not tried yet learns from the rule's others, a rule from no other rule") {
  const test::OwnCache cache;
  Experience experience(2);
  experience.learn("r", "v", 8, 4);
  CHECK(experience.lesson("r", "w", 5).factor == experience.lesson("r", "v", 5).factor);
  CHECK(experience.lesson("s", "v", 5).factor == 1);
}

TEST_CASE("what holds for small gains says nothing of large ones") {
  const test::OwnCache cache;
  Experience experience(2);
  for (int i = 0; i < 16; ++i) experience.learn("r", "v", 0.004, -0.01);
  CHECK(experience.lesson("r", "v", 0.009).factor == Approx(0.25));
  CHECK(experience.lesson("r", "v", 0.01).factor == 1);
  CHECK(experience.lesson("r", "v", 70).factor == 1);
}

TEST_CASE("no rule is silenced, none believed beyond measure") {
  const test::OwnCache cache;
  Experience experience(2);
  for (int i = 0; i < 16; ++i) {
    experience.learn("bad", "", 1, -3);
    experience.learn("good", "", 1, 30);
    experience.learn("silent", "", 0, 30);
  }
  CHECK(experience.lesson("bad", "", 5).factor == Approx(0.25));
  CHECK(experience.lesson("good", "", 5).factor == Approx(2));
  CHECK(experience.lesson("silent", "", 5).factor == 1);
}

TEST_CASE("experience is kept for later processes, by thread count") {
  const test::OwnCache cache;
  Experience(2).learn("r", "", 8, 4);
  CHECK(Experience(2).lesson("r", "", 5).trials == 1);
  CHECK(Experience(1).lesson("r", "", 5).trials == 0);
  SECTION("a file that cannot be read counts as empty") {
    REQUIRE(writeFileAtomically(*cacheFolder() / "predictions.json", R"({"version": 1, "machines": [)"));
    CHECK(Experience(2).lesson("r", "", 5).trials == 0);
  }
}
