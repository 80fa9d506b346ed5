#include "advisor/rules/fold_shapes.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::DataType;
using graph::Tensor;

namespace {

const auto rule = advisor::makeFoldShapesRule();
using Ints = std::vector<int64_t>;

// Dim `axis` of x in a list of one, as `name`.
Sketch& sizeOf(Sketch& sketch, const std::string& tensor, int64_t axis, const std::string& name) {
  sketch.weight(name + "_axis", index(axis)).weight(name + "_at", ints({0}));
  sketch.node("Shape", {tensor}, {name + "_shape"});
  sketch.node("Gather", {name + "_shape", name + "_axis"}, {name + "_size"}, {{"axis", int64_t{0}}});
  return sketch.node("Unsqueeze", {name + "_size", name + "_at"}, {name});
}

Sketch& concat(Sketch& sketch, std::vector<std::string> parts, const std::string& name) {
  return sketch.node("Concat", std::move(parts), {name}, {{"axis", int64_t{0}}});
}

const std::map<std::string, int64_t> sizes{{"x_0", 3}, {"x_1", 5}};

}  // namespace

TEST_CASE("fold-shapes writes a Reshape that keeps an open dim in its place") {
  auto before = Sketch().input("x", {-1, -1, 12}).output("y").weight("heads", ints({3, 4}));
  sizeOf(before, "x", 0, "n");
  sizeOf(before, "x", 1, "t");
  concat(before, {"n", "t", "heads"}, "target").node("Reshape", {"x", "target"}, {"y"});
  const auto after = Sketch()
                         .input("x", {-1, -1, 12})
                         .output("y")
                         .weight("target", ints({0, 0, 3, 4}))
                         .node("Reshape", {"x", "target"}, {"y"});
  const Setup setup{.symbols = sizes, .times = {{"n_shape", 0.01}, {"t_size", 0.02}, {"target", 0.03}, {"y", 1}}};
  const auto result = rewrite(*rule, before.model(), setup);
  CHECK(difference(result.model, after.model()) == "");
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].predictedGainMs == Approx(0.06));
  CHECK(result.opportunities[0].target == "2 Gather, 2 Shape, 2 Unsqueeze, 1 Concat");
  CHECK(outputDifference(before.model(), result.model, {{"x", randomTensor({1, 9, 12})}}, 0) == "");
}

TEST_CASE("fold-shapes leaves one dim to the Reshape where it moves") {
  auto before = Sketch().input("x", {-1, 2, 6}).output("y").weight("rest", ints({4, 3}));
  before.node("Transpose", {"x"}, {"t"}, {{"perm", Ints{1, 0, 2}}});
  sizeOf(before, "t", 1, "n");
  concat(before, {"n", "rest"}, "target").node("Reshape", {"t", "target"}, {"y"});
  auto after = Sketch().input("x", {-1, 2, 6}).output("y").weight("target", ints({-1, 4, 3}));
  after.node("Transpose", {"x"}, {"t"}, {{"perm", Ints{1, 0, 2}}}).node("Reshape", {"t", "target"}, {"y"});
  requireRewrites(*rule, before.model(), after.model(), {.symbols = sizes});
}

TEST_CASE("fold-shapes computes sizes that convolutions and pooling make") {
  // 9x9, 5x5 behind a strided convolution, 4x4 behind the pooling: shuffled channels, as ShuffleNet does.
  const auto layers = [](Sketch s) {
    return s.weight("w", randomTensor({6, 3, 3, 3}))
        .node("Conv", {"x", "w"}, {"c"}, {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}})
        .node("MaxPool", {"c"}, {"p"}, {{"kernel_shape", Ints{2, 2}}});
  };
  auto before =
      layers(Sketch().input("x", {-1, 3, 9, 9}).output("y")).weight("groups", ints({2})).weight("two", ints({2}));
  for (int64_t axis = 0; axis < 4; ++axis) sizeOf(before, "p", axis, "d" + std::to_string(axis));
  before.node("Div", {"d1", "two"}, {"each"});
  concat(before, {"d0", "groups", "each", "d2", "d3"}, "target").node("Reshape", {"p", "target"}, {"y"});
  const auto after = layers(Sketch().input("x", {-1, 3, 9, 9}).output("y"))
                         .weight("target", ints({0, 2, 3, 4, 4}))
                         .node("Reshape", {"p", "target"}, {"y"});
  requireRewrites(*rule, before.model(), after.model(), {.symbols = sizes});
}

TEST_CASE("fold-shapes writes bounds that are the same in every run") {
  auto before = Sketch()
                    .input("x", {-1, 8})
                    .output("y")
                    .weight("from", ints({0}))
                    .weight("axes", ints({1}))
                    .weight("two", ints({2}));
  sizeOf(before, "x", 1, "all").node("Div", {"all", "two"}, {"half"});
  before.node("Slice", {"x", "from", "half", "axes"}, {"y"});
  const auto after = Sketch()
                         .input("x", {-1, 8})
                         .output("y")
                         .weight("from", ints({0}))
                         .weight("half", ints({4}))
                         .weight("axes", ints({1}))
                         .node("Slice", {"x", "from", "half", "axes"}, {"y"});
  requireRewrites(*rule, before.model(), after.model(), {.symbols = sizes});
}

TEST_CASE("fold-shapes keeps arithmetic that others need") {
  auto before = Sketch().input("x", {-1, 12}).output("y").output("n", DataType::Int64).weight("rest", ints({3, 4}));
  sizeOf(before, "x", 0, "n");
  concat(before, {"n", "rest"}, "target").node("Reshape", {"x", "target"}, {"y"});
  auto after = Sketch().input("x", {-1, 12}).output("y").output("n", DataType::Int64).weight("target", ints({0, 3, 4}));
  sizeOf(after, "x", 0, "n").node("Reshape", {"x", "target"}, {"y"});
  requireRewrites(*rule, before.model(), after.model(), {.symbols = sizes});
}

TEST_CASE("fold-shapes leaves what depends on open dims") {
  auto s = Sketch().input("x", {-1, -1, 12}).output("y");
  SECTION("two dims that change places") {
    sizeOf(s, "x", 0, "n");
    sizeOf(s, "x", 1, "t").weight("rest", ints({12}));
    concat(s, {"t", "n", "rest"}, "target").node("Reshape", {"x", "target"}, {"y"});
    const auto misses = requireNothing(*rule, s.model(), {.symbols = sizes});
    REQUIRE(misses.size() == 1);
    CHECK(misses[0].place == "y");
    CHECK_THAT(misses[0].why, Catch::StartsWith("two dims of its target are open"));
  }
  SECTION("a bound") {
    s.weight("from", ints({0})).weight("axes", ints({1})).weight("two", ints({2}));
    sizeOf(s, "x", 1, "all").node("Div", {"all", "two"}, {"half"});
    s.node("Slice", {"x", "from", "half", "axes"}, {"y"});
    CHECK(requireNothing(*rule, s.model(), {.symbols = sizes}).empty());
  }
  SECTION("a size that went through floats, where division keeps fractions") {
    auto odd = Sketch().input("x", {-1, 7}).output("y").weight("two", Tensor::scalar(2)).weight("unit", ints({1}));
    sizeOf(odd, "x", 1, "all")
        .node("Cast", {"all"}, {"wide"}, {{"to", int64_t{1}}})
        .node("Div", {"wide", "two"}, {"half"});
    odd.node("Mul", {"half", "two"}, {"whole"}).node("Cast", {"whole"}, {"back"}, {{"to", int64_t{7}}});
    sizeOf(odd, "x", 0, "n");
    concat(odd, {"n", "back", "unit"}, "target").node("Reshape", {"x", "target"}, {"y"});
    // The dim that floats computed is left to the Reshape: 7, not 6.
    const auto result = rewrite(*rule, odd.model(), {.symbols = sizes});
    CHECK(outputDifference(odd.model(), result.model, {{"x", randomTensor({2, 7})}}, 0) == "");
  }
}
