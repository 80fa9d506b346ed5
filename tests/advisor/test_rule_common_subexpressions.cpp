#include "advisor/rules/common_subexpressions.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::DataType;

namespace {
const auto rule = advisor::makeCommonSubexpressionsRule();
}

TEST_CASE("common-subexpressions merges chains of equal nodes, over equal constants of different names") {
  const auto before = Sketch()
                          .input("x", {2, 3})
                          .output("y")
                          .weight("c1", floats({3}, {1, 2, 3}))
                          .weight("c2", floats({3}, {1, 2, 3}))
                          .node("Mul", {"x", "c1"}, {"a1"})
                          .node("Relu", {"a1"}, {"b1"})
                          .node("Mul", {"x", "c2"}, {"a2"})
                          .node("Relu", {"a2"}, {"b2"})
                          .node("Sub", {"b1", "b2"}, {"d"})
                          .node("Add", {"d", "b2"}, {"y"})
                          .model();
  const auto expected = Sketch()
                            .input("x", {2, 3})
                            .output("y")
                            .weight("c", floats({3}, {1, 2, 3}))
                            .node("Mul", {"x", "c"}, {"a"})
                            .node("Relu", {"a"}, {"b"})
                            .node("Sub", {"b", "b"}, {"d"})
                            .node("Add", {"d", "b"}, {"y"})
                            .model();
  const auto result = rewrite(*rule, before, {.times = {{"a2", 0.5}, {"b2", 0.25}, {"a1", 8}}});
  CHECK(difference(result.model, expected) == "");
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].predictedGainMs == Approx(0.75));
  CHECK(result.places == 2);

  // Nothing for what the engine computes once by itself.
  const auto merged = rewrite(*rule, before, {.times = {{"a2", 0.5}, {"b2", 0.25}}, .fused = {{"a1", 3}, {"a2", 3}}});
  CHECK(merged.opportunities[0].predictedGainMs == Approx(0.25));
}

TEST_CASE("common-subexpressions merges nodes of several outputs") {
  const auto split = [](Sketch s, const std::string& n) {
    return s.node("Split", {"x"}, {"p" + n, "q" + n}, {{"axis", int64_t{1}}});
  };
  auto before = Sketch(13).input("x", {2, 4}).output("y");
  before = split(split(before, "1"), "2");
  const auto expected = split(Sketch(13).input("x", {2, 4}).output("y"), "").node("Mul", {"p", "q"}, {"y"}).model();
  requireRewrites(*rule, before.node("Mul", {"p1", "q2"}, {"y"}).model(), expected);
}

TEST_CASE("common-subexpressions keeps a graph output's name") {
  auto twice = Sketch().input("x", {3}).output("y").node("Relu", {"x"}, {"a"}).node("Neg", {"a"}, {"b"});
  SECTION("two outputs of equal value stay two nodes") {
    requireNothing(
        *rule,
        Sketch().input("x", {3}).output("y").output("z").node("Relu", {"x"}, {"y"}).node("Relu", {"x"}, {"z"}).model());
  }
  SECTION("the later of two is no output") {
    const auto before = Sketch()
                            .input("x", {3})
                            .output("y")
                            .output("z")
                            .node("Relu", {"x"}, {"y"})
                            .node("Relu", {"x"}, {"b"})
                            .node("Neg", {"b"}, {"z"})
                            .model();
    const auto expected =
        Sketch().input("x", {3}).output("y").output("z").node("Relu", {"x"}, {"y"}).node("Neg", {"y"}, {"z"}).model();
    requireRewrites(*rule, before, expected);
  }
}

TEST_CASE("common-subexpressions tells apart what differs in one thing") {
  const auto sketch = Sketch().input("x", {2, 3}).input("w", {2, 3}).output("y");
  SECTION("attributes") {
    requireNothing(*rule, Sketch(sketch)
                              .node("Softmax", {"x"}, {"a"}, {{"axis", int64_t{0}}})
                              .node("Softmax", {"x"}, {"b"}, {{"axis", int64_t{1}}})
                              .node("Sub", {"a", "b"}, {"y"})
                              .model());
  }
  SECTION("inputs and their order") {
    requireNothing(*rule, Sketch(sketch)
                              .node("Sub", {"x", "w"}, {"a"})
                              .node("Sub", {"w", "x"}, {"b"})
                              .node("Mul", {"a", "b"}, {"y"})
                              .model());
  }
  SECTION("constants of equal bytes and different shape") {
    requireNothing(*rule, Sketch(sketch)
                              .weight("r", floats({2, 1}, {1, 2}))
                              .weight("c", floats({1, 2, 1}, {1, 2}))
                              .node("Mul", {"x", "r"}, {"a"})
                              .node("Mul", {"x", "c"}, {"b"})
                              .node("Add", {"a", "b"}, {"y"})
                              .model());
  }
  SECTION("random numbers, drawn twice") {
    const std::vector<std::pair<std::string, graph::AttributeValue>> shape{{"shape", std::vector<int64_t>{2, 3}}};
    requireNothing(*rule,
                   Sketch(sketch)
                       .node("RandomNormal", {}, {"a"}, shape)
                       .node("RandomNormal", {}, {"b"}, shape)
                       .node("Sub", {"a", "b"}, {"d"})
                       .node("Mul", {"d", "x"}, {"y"})
                       .model(),
                   {.run = false});
  }
}

TEST_CASE("common-subexpressions says which node stays because it is an output") {
  const auto misses = requireNothing(
      *rule,
      Sketch().input("x", {2}).output("y").output("z").node("Exp", {"x"}, {"y"}).node("Exp", {"x"}, {"z"}).model());
  REQUIRE(misses.size() == 1);
  CHECK(misses[0].place == "z");
  CHECK(misses[0].why == "it computes what y computes, but is an output of the model under a name of its own");
}
