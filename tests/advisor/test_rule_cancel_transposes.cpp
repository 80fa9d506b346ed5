#include "advisor/rules/cancel_transposes.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto rule = advisor::makeCancelTransposesRule();
using Perm = std::vector<int64_t>;

Sketch model() { return Sketch().input("x", {2, 3, 4}).output("y"); }

Sketch transpose(Sketch sketch, const std::string& from, const std::string& to, const Perm& perm) {
  return sketch.node("Transpose", {from}, {to}, {{"perm", perm}});
}

}  // namespace

TEST_CASE("cancel-transposes drops a pair that undoes itself") {
  auto before = transpose(transpose(model(), "x", "a", {1, 2, 0}), "a", "b", {2, 0, 1});
  const auto result = rewrite(*rule, before.node("Relu", {"b"}, {"y"}).model(), {.times = {{"a", 0.5}, {"b", 0.25}}});
  CHECK(difference(result.model, model().node("Relu", {"x"}, {"y"}).model()) == "");
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].predictedGainMs == Approx(0.75));
}

TEST_CASE("cancel-transposes merges two into one, and three") {
  // Axis i of the result is axis p1[p2[i]] of x: [1,2,0] then [0,2,1] is [1,0,2].
  const auto two = transpose(transpose(model(), "x", "a", {1, 2, 0}), "a", "b", {0, 2, 1});
  requireRewrites(*rule, Sketch(two).node("Relu", {"b"}, {"y"}).model(),
                  transpose(model(), "x", "b", {1, 0, 2}).node("Relu", {"b"}, {"y"}).model());
  const auto three = transpose(two, "b", "c", {1, 0, 2});
  requireRewrites(*rule, Sketch(three).node("Relu", {"c"}, {"y"}).model(), model().node("Relu", {"x"}, {"y"}).model());
}

TEST_CASE("cancel-transposes knows the default order, from the rank") {
  auto before = model().node("Transpose", {"x"}, {"a"});
  before = transpose(before, "a", "b", {2, 1, 0});
  requireRewrites(*rule, before.node("Relu", {"b"}, {"y"}).model(), model().node("Relu", {"x"}, {"y"}).model());
}

TEST_CASE("cancel-transposes drops one that moves nothing") {
  requireRewrites(*rule, transpose(model(), "x", "a", {0, 1, 2}).node("Relu", {"a"}, {"y"}).model(),
                  model().node("Relu", {"x"}, {"y"}).model());
}

TEST_CASE("cancel-transposes keeps what others read") {
  auto before = transpose(transpose(model(), "x", "a", {1, 2, 0}), "a", "b", {2, 0, 1}).output("z");
  const auto expected =
      transpose(model().output("z"), "x", "a", {1, 2, 0}).node("Relu", {"x"}, {"y"}).node("Relu", {"a"}, {"z"});
  requireRewrites(*rule, before.node("Relu", {"b"}, {"y"}).node("Relu", {"a"}, {"z"}).model(), expected.model());
}

TEST_CASE("cancel-transposes says why it leaves transposes that belong together") {
  SECTION("the first has other readers") {
    auto before = transpose(transpose(model(), "x", "a", {1, 2, 0}), "a", "b", {0, 2, 1}).output("z");
    const auto misses = requireNothing(*rule, before.node("Relu", {"b"}, {"y"}).node("Relu", {"a"}, {"z"}).model());
    REQUIRE(misses.size() == 1);
    CHECK(misses[0].place == "b");
    CHECK(misses[0].why == "the transpose before it, a, has other readers");
  }
  SECTION("an output has its name from the second") {
    const auto misses =
        requireNothing(*rule, transpose(transpose(model(), "x", "a", {1, 2, 0}), "a", "y", {2, 0, 1}).model());
    REQUIRE(misses.size() == 1);
    CHECK(misses[0].why == "it changes nothing, but gives an output of the model its name");
  }
  SECTION("nothing is said of those that do not") {
    auto before = transpose(model(), "x", "a", {1, 2, 0}).node("Relu", {"a"}, {"b"});
    CHECK(requireNothing(*rule, transpose(before, "b", "y", {2, 0, 1}).model()).empty());
  }
}

TEST_CASE("cancel-transposes does not fire") {
  SECTION("where merging saves nothing: the first is read by others") {
    auto before = transpose(transpose(model(), "x", "a", {1, 2, 0}), "a", "b", {0, 2, 1}).output("z");
    requireNothing(*rule, before.node("Relu", {"b"}, {"y"}).node("Relu", {"a"}, {"z"}).model());
  }
  SECTION("where an output would need a copy of an input") {
    requireNothing(*rule, transpose(transpose(model(), "x", "a", {1, 2, 0}), "a", "y", {2, 0, 1}).model());
  }
  SECTION("across another operator") {
    auto before = transpose(model(), "x", "a", {1, 2, 0}).node("Relu", {"a"}, {"b"});
    requireNothing(*rule, transpose(before, "b", "y", {2, 0, 1}).model());
  }
  SECTION("on an order that is none") {
    requireNothing(*rule, transpose(transpose(model(), "x", "a", {1, 1, 0}), "a", "y", {2, 0, 1}).model(),
                   {.run = false});
  }
}
