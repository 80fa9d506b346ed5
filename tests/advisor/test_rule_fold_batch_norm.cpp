#include "advisor/rules/fold_batch_norm.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto rule = advisor::makeFoldBatchNormRule();
using Ints = std::vector<int64_t>;

Sketch withNorm(Sketch sketch, const std::vector<float>& scale, const std::vector<float>& bias,
                const std::vector<float>& mean, const std::vector<float>& variance) {
  const auto c = static_cast<int64_t>(scale.size());
  return sketch.weight("bn.s", floats({c}, scale))
      .weight("bn.b", floats({c}, bias))
      .weight("bn.m", floats({c}, mean))
      .weight("bn.v", floats({c}, variance));
}

}  // namespace

TEST_CASE("fold-batch-norm puts the scale into the weight and the rest into the bias, as worked out by hand") {
  // One input channel, two output channels, 1x1 kernels, epsilon 0: y = (w x - mean) * scale / sqrt(variance) + bias.
  auto before = withNorm(Sketch().input("x", {1, 1, 2, 2}).output("y"), {2, 3}, {1, -1}, {5, 6}, {4, 9});
  before.weight("w", floats({2, 1, 1, 1}, {10, 20}))
      .node("Conv", {"x", "w"}, {"c"})
      .node("BatchNormalization", {"c", "bn.s", "bn.b", "bn.m", "bn.v"}, {"y"}, {{"epsilon", 0.0f}});
  const auto expected = Sketch()
                            .input("x", {1, 1, 2, 2})
                            .output("y")
                            .weight("w", floats({2, 1, 1, 1}, {10, 20}))
                            .weight("b", floats({2}, {1 - 5, -1 - 6}))
                            .node("Conv", {"x", "w", "b"}, {"y"})
                            .model();
  requireRewrites(*rule, before.model(), expected);
}

TEST_CASE("fold-batch-norm keeps a convolution's outputs, whatever its form") {
  const auto normalized = [](Sketch sketch) {
    return withNorm(sketch, {1.5f, -2, 0.5f, 3}, {1, 2, 3, 4}, {-1, 0, 1, 2}, {0.5f, 1, 2, 3})
        .node("BatchNormalization", {"c", "bn.s", "bn.b", "bn.m", "bn.v"}, {"n"})
        .node("Relu", {"n"}, {"y"})
        .model();
  };
  const auto requireOneNodeLess = [&](const Sketch& sketch) {
    const auto result = rewrite(*rule, normalized(sketch));
    CHECK(result.places == 1);
    CHECK(result.model.graphProto().node_size() == 2);
    // The weight and bias that nothing reads any more are gone.
    CHECK(result.model.graphProto().initializer_size() == 2);
  };
  const Sketch image = Sketch().input("x", {2, 4, 5, 5}).output("y");
  SECTION("with a bias") {
    requireOneNodeLess(Sketch(image)
                           .weight("w", randomTensor({4, 4, 3, 3}))
                           .weight("b", randomTensor({4}, 2))
                           .node("Conv", {"x", "w", "b"}, {"c"}));
  }
  SECTION("grouped") {
    requireOneNodeLess(
        Sketch(image).weight("w", randomTensor({4, 2, 3, 3})).node("Conv", {"x", "w"}, {"c"}, {{"group", int64_t{2}}}));
  }
  SECTION("transposed, grouped") {
    requireOneNodeLess(
        Sketch(image)
            .weight("w", randomTensor({4, 2, 3, 3}))
            .weight("b", randomTensor({4}, 2))
            .node("ConvTranspose", {"x", "w", "b"}, {"c"}, {{"group", int64_t{2}}, {"strides", Ints{2, 2}}}));
  }
  SECTION("in one dimension") {
    requireOneNodeLess(Sketch()
                           .input("x", {1, 3, 9})
                           .output("y")
                           .weight("w", randomTensor({4, 3, 3}))
                           .node("Conv", {"x", "w"}, {"c"}));
  }
  SECTION("a product") {
    requireOneNodeLess(Sketch()
                           .input("x", {3, 5})
                           .output("y")
                           .weight("w", randomTensor({5, 4}))
                           .weight("b", randomTensor({4}, 2))
                           .node("Gemm", {"x", "w", "b"}, {"c"}, {{"alpha", 0.5f}, {"beta", 3.0f}}));
  }
  SECTION("a product by a transposed weight, one bias for all") {
    requireOneNodeLess(Sketch()
                           .input("x", {3, 5})
                           .output("y")
                           .weight("w", randomTensor({4, 5}))
                           .weight("b", graph::Tensor::scalar(2))
                           .node("Gemm", {"x", "w", "b"}, {"c"}, {{"transB", int64_t{1}}, {"beta", 0.5f}}));
  }
}

TEST_CASE("fold-batch-norm takes in a chain of arithmetic with constants for each channel") {
  const auto before = Sketch()
                          .input("x", {1, 2, 3, 3})
                          .output("y")
                          .weight("w", floats({2, 2, 1, 1}, {1, 2, 3, 4}))
                          .weight("m", floats({1, 2, 1, 1}, {10, 100}))
                          .weight("a", floats({2, 1, 1}, {1, 2}))
                          .weight("d", graph::Tensor::scalar(4))
                          .weight("s", floats({1}, {7}))
                          .node("Conv", {"x", "w"}, {"c"})
                          .node("Mul", {"m", "c"}, {"t1"})
                          .node("Add", {"t1", "a"}, {"t2"})
                          .node("Div", {"t2", "d"}, {"t3"})
                          .node("Sub", {"s", "t3"}, {"y"})
                          .model();
  const auto expected = Sketch()
                            .input("x", {1, 2, 3, 3})
                            .output("y")
                            .weight("w", floats({2, 2, 1, 1}, {-2.5f, -5, -75, -100}))
                            .weight("b", floats({2}, {7 - 0.25f, 7 - 0.5f}))
                            .node("Conv", {"x", "w", "b"}, {"y"})
                            .model();
  requireRewrites(*rule, before, expected);
}

TEST_CASE("fold-batch-norm does not fold what would change the result") {
  const Sketch conv = Sketch().input("x", {1, 2, 3, 3}).output("y").weight("w", randomTensor({3, 2, 1, 1}));
  const auto norm = [](Sketch sketch) {
    return withNorm(sketch, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3})
        .node("BatchNormalization", {"c", "bn.s", "bn.b", "bn.m", "bn.v"}, {"y"});
  };
  SECTION("the convolution's own result is read too") {
    const auto misses = requireNothing(
        *rule, norm(Sketch(conv).output("z").node("Conv", {"x", "w"}, {"c"})).node("Relu", {"c"}, {"z"}).model());
    REQUIRE(misses.size() == 1);
    CHECK(misses[0].place == "c");
    CHECK_THAT(misses[0].why, Catch::Contains("read by others"));
  }
  SECTION("the weight is computed") {
    const auto misses = requireNothing(
        *rule,
        norm(Sketch(conv).input("v", {3, 2, 1, 1}).node("Mul", {"w", "v"}, {"wv"}).node("Conv", {"x", "wv"}, {"c"}))
            .model());
    REQUIRE(misses.size() == 1);
    CHECK_THAT(misses[0].why, Catch::Contains("weights are not"));
  }
  SECTION("the constant is along another axis") {
    requireNothing(*rule, Sketch(conv)
                              .weight("m", floats({3}, {1, 2, 3}))
                              .node("Conv", {"x", "w"}, {"c"})
                              .node("Mul", {"c", "m"}, {"y"})
                              .model());
  }
  SECTION("the constant adds an axis") {
    requireNothing(*rule, Sketch(conv)
                              .weight("m", floats({1, 1, 3, 1, 1}, {1, 2, 3}))
                              .node("Conv", {"x", "w"}, {"c"})
                              .node("Mul", {"c", "m"}, {"y"})
                              .model());
  }
  SECTION("it is added to itself") {
    requireNothing(*rule, Sketch(conv).node("Conv", {"x", "w"}, {"c"}).node("Add", {"c", "c"}, {"y"}).model());
  }
  SECTION("a constant is divided by it") {
    requireNothing(*rule, Sketch(conv)
                              .weight("m", graph::Tensor::scalar(1))
                              .node("Conv", {"x", "w"}, {"c"})
                              .node("Div", {"m", "c"}, {"y"})
                              .model());
  }
  SECTION("a variance below zero") {
    auto sketch = Sketch(conv).node("Conv", {"x", "w"}, {"c"});
    sketch = withNorm(sketch, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {1, -2, 3});
    sketch.node("BatchNormalization", {"c", "bn.s", "bn.b", "bn.m", "bn.v"}, {"y"});
    const auto misses = requireNothing(*rule, sketch.model());
    REQUIRE(misses.size() == 1);
    CHECK_THAT(misses[0].why, Catch::Contains("not finite"));
  }
}

TEST_CASE("fold-batch-norm leaves a weight that others read to them") {
  auto sketch = Sketch().input("x", {1, 2, 3, 3}).output("y").weight("w", randomTensor({2, 2, 1, 1}));
  sketch = withNorm(sketch, {2, 3}, {1, 2}, {1, 2}, {1, 2});
  sketch.node("Conv", {"x", "w"}, {"c"})
      .node("BatchNormalization", {"c", "bn.s", "bn.b", "bn.m", "bn.v"}, {"n"})
      .node("Conv", {"n", "w"}, {"y"});
  const auto result = rewrite(*rule, sketch.model(), {.times = {{"n", 0.5}}});
  CHECK(result.places == 1);
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].predictedGainMs == Approx(0.5));
  CHECK(result.opportunities[0].target == "1 BatchNormalization after 1 Conv");
}

TEST_CASE("fold-batch-norm promises nothing for what the engine folds itself") {
  const auto model = withNorm(Sketch().input("x", {1, 2, 4, 4}).output("y"), {2, 3}, {1, -1}, {5, 6}, {4, 9})
                         .weight("w", randomTensor({2, 2, 1, 1}))
                         .weight("v", randomTensor({2, 2, 1, 1}))
                         .node("Conv", {"x", "w"}, {"c"})
                         .node("BatchNormalization", {"c", "bn.s", "bn.b", "bn.m", "bn.v"}, {"n"})
                         .node("Conv", {"n", "v"}, {"d"})
                         .node("BatchNormalization", {"d", "bn.s", "bn.b", "bn.m", "bn.v"}, {"y"})
                         .model();
  const advisor::NodeTimes times = {{"c", 5}, {"n", 2}, {"d", 4}, {"y", 1}};
  const auto result = rewrite(*rule, model, {.times = times, .fused = {{"c", 0}, {"n", 0}}});
  CHECK(result.places == 2);
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].predictedGainMs == Approx(1));
  CHECK(result.opportunities[0].evidence.back() == "the engine does so by itself for 1 of them");
}
