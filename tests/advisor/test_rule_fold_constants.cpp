#include "advisor/rules/fold_constants.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::DataType;

namespace {

const auto rule = advisor::makeFoldConstantsRule();

// Reshape(x, [dim 0 of x, 1, dim 1 of x]) as an exporter writes it.
Sketch reshapeByShape(graph::Dims dims) {
  return Sketch()
      .input("x", std::move(dims))
      .output("y")
      .weight("zero", ints({0}))
      .weight("one", ints({1}))
      .node("Shape", {"x"}, {"s"})
      .node("Gather", {"s", "zero"}, {"d0"})
      .node("Gather", {"s", "one"}, {"d1"})
      .node("Concat", {"d0", "one", "d1"}, {"shape"}, {{"axis", int64_t{0}}})
      .node("Reshape", {"x", "shape"}, {"y"});
}

}  // namespace

TEST_CASE("fold-constants computes what stands on constants only") {
  const auto before = Sketch()
                          .input("x", {2, 2})
                          .output("y")
                          .weight("a", floats({2, 2}, {1, 2, 3, 4}))
                          .weight("b", floats({2}, {10, 20}))
                          .node("Transpose", {"a"}, {"t"}, {{"perm", std::vector<int64_t>{1, 0}}})
                          .node("Add", {"t", "b"}, {"w"})
                          .node("MatMul", {"x", "w"}, {"y"})
                          .model();
  const auto expected = Sketch()
                            .input("x", {2, 2})
                            .output("y")
                            .weight("w", floats({2, 2}, {11, 23, 12, 24}))
                            .node("MatMul", {"x", "w"}, {"y"})
                            .model();
  const auto result = rewrite(*rule, before, {.times = {{"t", 0.1}, {"w", 0.2}, {"y", 5}}});
  CHECK(difference(result.model, expected) == "");
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].predictedGainMs == Approx(0.3));
  CHECK(result.model.graphProto().initializer_size() == 1);
}

TEST_CASE("fold-constants turns shape arithmetic on fixed shapes into a constant") {
  const auto expected = [](graph::Dims dims) {
    return Sketch()
        .input("x", std::move(dims))
        .output("y")
        .weight("s", ints({3, 1, 5}))
        .node("Reshape", {"x", "s"}, {"y"})
        .model();
  };
  SECTION("fixed by the file") { requireRewrites(*rule, reshapeByShape({3, 5}).model(), expected({3, 5})); }
  SECTION("open shapes stay open") {
    const auto misses = requireNothing(*rule, reshapeByShape({-1, 5}).model(), {.symbols = {{"x_0", 3}}});
    REQUIRE(misses.size() == 1);
    CHECK_THAT(misses[0].why, Catch::Contains("compute only with shapes, which the file leaves open") &&
                                  Catch::Contains("--pin-shapes"));
  }
}

TEST_CASE("fold-constants does not trust a shape that depends on values") {
  const auto model = Sketch()
                         .input("x", {4})
                         .output("y", DataType::Int64)
                         .node("NonZero", {"x"}, {"n"})
                         .node("Shape", {"n"}, {"s"})
                         .weight("c", ints({7, 7}))
                         .node("Add", {"s", "c"}, {"y"})
                         .model();
  requireNothing(*rule, model, {.inputs = {{"x", floats({4}, {0, 1, 2, 0})}}});
}

TEST_CASE("fold-constants leaves alone what has to stay") {
  SECTION("the dequantized weight of an integer kernel") {
    const std::vector<int8_t> values{1, -2, 3, 4};
    requireNothing(*rule, Sketch()
                              .input("x", {2, 2})
                              .output("y")
                              .weight("q", graph::Tensor::of<int8_t>({2, 2}, std::span<const int8_t>(values)))
                              .weight("scale", graph::Tensor::scalar(0.5f))
                              .node("DequantizeLinear", {"q", "scale"}, {"w"})
                              .node("MatMul", {"x", "w"}, {"y"})
                              .model());
  }
  SECTION("a constant that would grow a thousandfold") {
    requireNothing(*rule, Sketch()
                              .input("x", {1000, 1000})
                              .output("y")
                              .weight("c", floats({1000, 1}, std::vector<float>(1000, 2)))
                              .weight("s", ints({1000, 1000}))
                              .node("Expand", {"c", "s"}, {"w"})
                              .node("Add", {"x", "w"}, {"y"})
                              .model());
  }
  SECTION("an Identity of a weight: folding would copy the weight") {
    requireNothing(*rule, Sketch()
                              .input("x", {2})
                              .output("y")
                              .weight("w", floats({2}, {1, 2}))
                              .node("Identity", {"w"}, {"v"})
                              .node("Mul", {"x", "v"}, {"a"})
                              .node("Mul", {"a", "w"}, {"y"})
                              .model());
  }
  SECTION("an initializer that a caller may override is no constant") {
    auto sketch = Sketch().input("x", {2}).input("w", {2}).output("y").weight("w", floats({2}, {1, 2}));
    sketch.node("Neg", {"w"}, {"v"}).node("Mul", {"x", "v"}, {"y"});
    requireNothing(*rule, sketch.model(), {.inputs = {{"x", floats({2}, {3, 4})}}});
  }
}

TEST_CASE("fold-constants folds the places it is told, no others") {
  auto model = Sketch()
                   .input("x", {2})
                   .output("y")
                   .weight("a", floats({2}, {1, 2}))
                   .node("Neg", {"a"}, {"p"})
                   .node("Exp", {"a"}, {"q"})
                   .node("Mul", {"x", "p"}, {"m"})
                   .node("Add", {"m", "q"}, {"y"})
                   .model();
  const auto all = rewrite(*rule, model);
  REQUIRE(all.opportunities.size() == 1);
  CHECK(all.opportunities[0].places == std::vector<std::string>{"p", "q"});
  CHECK(all.places == 2);
  CHECK(all.model.graphProto().node_size() == 2);
}
