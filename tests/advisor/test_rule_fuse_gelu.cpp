#include "advisor/rules/fuse_gelu.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto rule = advisor::makeFuseGeluRule();
const Setup setup{.inputs = {{"x", randomTensor({2, 3, 16}, 1, 2)}}};

Sketch model() {
  Sketch s;
  s.input("x", {-1, -1, 16})
      .output("y")
      .weight("half", graph::Tensor::scalar(0.5F))
      .weight("one", graph::Tensor::scalar(1));
  s.weight("root2", graph::Tensor::scalar(std::sqrt(2.0F))).weight("iroot2", graph::Tensor::scalar(std::sqrt(0.5F)));
  s.weight("three", graph::Tensor::scalar(3)).weight("cubic", graph::Tensor::scalar(0.044715F));
  return s.weight("scale", graph::Tensor::scalar(std::sqrt(2 / 3.14159265F)));
}

// x * 0.5 * (1 + inner), with 0.5 taken in at one of three places.
Sketch halved(Sketch s, const std::string& inner, int place) {
  s.node("Add", {"one", inner}, {"sum"});
  if (place == 0) s.node("Mul", {"x", "sum"}, {"m"}).node("Mul", {"m", "half"}, {"g"});
  if (place == 1) s.node("Mul", {"half", "x"}, {"m"}).node("Mul", {"m", "sum"}, {"g"});
  if (place == 2) s.node("Mul", {"sum", "half"}, {"m"}).node("Mul", {"x", "m"}, {"g"});
  return s.node("Relu", {"g"}, {"y"});
}

graph::Model expected(const char* op) {
  return Sketch()
      .input("x", {-1, -1, 16})
      .output("y")
      .node(op, {"x"}, {"g"}, {}, "com.microsoft")
      .node("Relu", {"g"}, {"y"})
      .model();
}

}  // namespace

TEST_CASE("fuse-gelu knows GELU by the error function in the spellings that the engine leaves") {
  const int place = GENERATE(0, 1, 2);
  const auto before = halved(model().node("Mul", {"x", "iroot2"}, {"a"}).node("Erf", {"a"}, {"e"}), "e", place).model();
  requireRewrites(*rule, before, expected("Gelu"), setup);
}

TEST_CASE("fuse-gelu leaves what the engine fuses by itself") {
  const auto before = halved(model().node("Div", {"x", "root2"}, {"a"}).node("Erf", {"a"}, {"e"}), "e", 0).model();
  CHECK(requireNothing(*rule, before, setup).empty());
}

TEST_CASE("fuse-gelu knows the approximation by tanh") {
  auto s = model();
  SECTION("with a cube") {
    s.node("Pow", {"x", "three"}, {"x3"})
        .node("Mul", {"x3", "cubic"}, {"c"})
        .node("Add", {"x", "c"}, {"i"})
        .node("Mul", {"i", "scale"}, {"t"});
  }
  SECTION("with products") {
    s.node("Mul", {"x", "x"}, {"x2"}).node("Mul", {"x", "x2"}, {"x3"}).node("Mul", {"x3", "cubic"}, {"c"});
    s.node("Add", {"c", "x"}, {"i"}).node("Mul", {"scale", "i"}, {"t"});
  }
  SECTION("with x taken out") {
    s.node("Mul", {"x", "cubic"}, {"c"}).node("Mul", {"c", "x"}, {"c2"}).node("Add", {"c2", "one"}, {"f"});
    s.node("Mul", {"x", "scale"}, {"xs"}).node("Mul", {"xs", "f"}, {"t"});
  }
  requireRewrites(*rule, halved(s.node("Tanh", {"t"}, {"e"}), "e", GENERATE(0, 1, 2)).model(), expected("FastGelu"),
                  setup);
}

TEST_CASE("fuse-gelu does not fire on what only looks alike") {
  SECTION("another constant") {
    auto s =
        model().weight("odd", graph::Tensor::scalar(0.7F)).node("Mul", {"x", "odd"}, {"a"}).node("Erf", {"a"}, {"e"});
    CHECK(requireNothing(*rule, halved(s, "e", 0).model(), setup).empty());
  }
  SECTION("another x inside") {
    auto s = model().node("Neg", {"x"}, {"nx"}).node("Mul", {"nx", "iroot2"}, {"a"}).node("Erf", {"a"}, {"e"});
    CHECK(requireNothing(*rule, halved(s, "e", 0).model(), setup).empty());
  }
  SECTION("a value inside that is an output") {
    auto s = model().node("Mul", {"x", "iroot2"}, {"a"}).node("Erf", {"a"}, {"e"}).output("e");
    const auto misses = requireNothing(*rule, halved(s, "e", 1).model(), setup);
    REQUIRE(misses.size() == 1);
    CHECK(misses[0].why == "a value inside is also read elsewhere");
  }
}
