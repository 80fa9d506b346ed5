#include "advisor/rules/remove_noops.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

#include <limits>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::DataType;

namespace {

const auto rule = advisor::makeRemoveNoopsRule();
constexpr int64_t FloatType = 1, DoubleType = 11;

// x -> (node under test) -> Relu -> y
Sketch around(graph::Dims dims) { return Sketch().input("x", std::move(dims)).output("y"); }

void requireRemoved(Sketch sketch, graph::Dims dims, const Setup& setup = {}) {
  const auto expected = around(std::move(dims)).node("Relu", {"x"}, {"y"}).model();
  requireRewrites(*rule, sketch.node("Relu", {"t"}, {"y"}).model(), expected, setup);
}

std::vector<advisor::NearMiss> requireKept(Sketch sketch, const Setup& setup = {}) {
  return requireNothing(*rule, sketch.node("Relu", {"t"}, {"y"}).model(), setup);
}

}  // namespace

TEST_CASE("remove-noops drops each operator that does nothing") {
  const graph::Dims dims{2, 3, 4};
  const auto sketch = around(dims);
  SECTION("Identity") { requireRemoved(Sketch(sketch).node("Identity", {"x"}, {"t"}), dims); }
  SECTION("Dropout") { requireRemoved(Sketch(sketch).node("Dropout", {"x"}, {"t"}), dims); }
  SECTION("Cast to its own type") {
    requireRemoved(Sketch(sketch).node("Cast", {"x"}, {"t"}, {{"to", FloatType}}), dims);
  }
  SECTION("x + 0") {
    requireRemoved(Sketch(sketch).weight("c", graph::Tensor::scalar(0)).node("Add", {"c", "x"}, {"t"}), dims);
  }
  SECTION("x - 0") {
    requireRemoved(Sketch(sketch).weight("c", floats({1, 1}, {0})).node("Sub", {"x", "c"}, {"t"}), dims);
  }
  SECTION("x * 1") {
    requireRemoved(Sketch(sketch).weight("c", floats({1}, {1})).node("Mul", {"x", "c"}, {"t"}), dims);
  }
  SECTION("x / 1") {
    requireRemoved(Sketch(sketch).weight("c", graph::Tensor::scalar(1)).node("Div", {"x", "c"}, {"t"}), dims);
  }
  SECTION("Concat of one") {
    requireRemoved(Sketch(sketch).node("Concat", {"x"}, {"t"}, {{"axis", int64_t{1}}}), dims);
  }
  SECTION("Pad by nothing") {
    requireRemoved(Sketch(sketch).weight("p", ints({0, 0, 0, 0, 0, 0})).node("Pad", {"x", "p"}, {"t"}), dims);
  }
  SECTION("Reshape to the same shape") {
    requireRemoved(Sketch(sketch).weight("s", ints({2, -1, 4})).node("Reshape", {"x", "s"}, {"t"}), dims);
  }
  SECTION("Expand to the same shape") {
    requireRemoved(Sketch(sketch).weight("s", ints({3, 1})).node("Expand", {"x", "s"}, {"t"}), dims);
  }
  SECTION("Squeeze of what was unsqueezed") {
    requireRemoved(Sketch(sketch)
                       .weight("a", ints({0, -1}))
                       .node("Unsqueeze", {"x", "a"}, {"u"})
                       .node("Squeeze", {"u", "a"}, {"t"}),
                   dims);
  }
  SECTION("a chain of them") {
    requireRemoved(Sketch(sketch)
                       .weight("c", graph::Tensor::scalar(0))
                       .node("Identity", {"x"}, {"a"})
                       .node("Add", {"a", "c"}, {"b"})
                       .node("Identity", {"b"}, {"t"}),
                   dims);
  }
}

TEST_CASE("remove-noops needs no fixed shape for a Slice of everything") {
  auto sketch = around({-1, 3});
  sketch.weight("from", ints({0, 0}))
      .weight("to", ints({std::numeric_limits<int64_t>::max(), std::numeric_limits<int32_t>::max()}))
      .weight("axes", ints({0, 1}))
      .node("Slice", {"x", "from", "to", "axes"}, {"t"});
  requireRemoved(sketch, {-1, 3}, {.symbols = {{"x_0", 5}}});
}

TEST_CASE("remove-noops lets the second of two Reshapes read what the first did") {
  const auto before = around({2, 12})
                          .weight("s1", ints({3, 8}))
                          .weight("s2", ints({4, 6}))
                          .node("Reshape", {"x", "s1"}, {"a"})
                          .node("Reshape", {"a", "s2"}, {"y"})
                          .model();
  const auto expected = around({2, 12}).weight("s2", ints({4, 6})).node("Reshape", {"x", "s2"}, {"y"}).model();
  requireRewrites(*rule, before, expected);
}

TEST_CASE("remove-noops does not believe a shape that was only observed") {
  const auto reshaped = [](graph::Dims dims) {
    return around(std::move(dims)).weight("s", ints({4, 12})).node("Reshape", {"x", "s"}, {"t"});
  };
  requireKept(reshaped({-1, 12}), {.symbols = {{"x_0", 4}}});
  requireRemoved(reshaped({4, 12}), {4, 12});
  const auto misses =
      requireNothing(*rule, reshaped({-1, 12}).node("Relu", {"t"}, {"y"}).model(), {.symbols = {{"x_0", 4}}});
  REQUIRE(misses.size() == 1);
  CHECK(misses[0].place == "t");
  CHECK_THAT(misses[0].why, Catch::StartsWith("Reshape does nothing with the shapes it runs with here"));
}

TEST_CASE("remove-noops keeps what an output's name or value needs") {
  SECTION("an input that is handed out") { requireNothing(*rule, around({2}).node("Identity", {"x"}, {"y"}).model()); }
  SECTION("one value under two names") {
    const auto model = around({2}).output("z").node("Relu", {"x"}, {"y"}).node("Identity", {"y"}, {"z"}).model();
    requireNothing(*rule, model);
  }
  SECTION("an Identity behind an operator gives that operator its name") {
    const auto model = around({2}).node("Relu", {"x"}, {"a"}).node("Identity", {"a"}, {"y"}).model();
    requireRewrites(*rule, model, around({2}).node("Relu", {"x"}, {"y"}).model());
  }
}

TEST_CASE("remove-noops keeps what only looks idle") {
  const auto sketch = around({2, 3});
  SECTION("a constant that adds an axis") {
    requireKept(Sketch(sketch).weight("c", floats({1, 1, 1}, {0})).node("Add", {"x", "c"}, {"t"}));
  }
  SECTION("a constant that repeats the tensor") {
    requireKept(Sketch(sketch).weight("c", floats({4, 1, 1}, {1, 1, 1, 1})).node("Mul", {"x", "c"}, {"t"}));
  }
  SECTION("0 - x, and 1 / x") {
    requireKept(Sketch(sketch).weight("c", graph::Tensor::scalar(0)).node("Sub", {"c", "x"}, {"t"}));
    requireKept(Sketch(sketch).weight("c", graph::Tensor::scalar(1)).node("Div", {"c", "x"}, {"t"}));
  }
  SECTION("a Cast there and back through fewer bits") {
    const auto model = Sketch(sketch)
                           .node("Cast", {"x"}, {"h"}, {{"to", int64_t{10}}})
                           .node("Cast", {"h"}, {"t"}, {{"to", FloatType}})
                           .node("Relu", {"t"}, {"y"})
                           .model();
    requireNothing(*rule, model, {.tolerance = 0});
  }
  SECTION("a Cast to another type") {
    auto other = Sketch().input("x", {2, 3}).output("y", DataType::Double);
    requireNothing(*rule, other.node("Cast", {"x"}, {"y"}, {{"to", DoubleType}}).model());
  }
  SECTION("a Slice backwards") {
    requireKept(Sketch(sketch)
                    .weight("from", ints({-1}))
                    .weight("to", ints({std::numeric_limits<int64_t>::min()}))
                    .weight("axes", ints({1}))
                    .weight("step", ints({-1}))
                    .node("Slice", {"x", "from", "to", "axes", "step"}, {"t"}));
  }
  SECTION("a Reshape that copies a dim of the Reshape before it") {
    requireKept(Sketch(sketch)
                    .weight("s1", ints({3, 2}))
                    .weight("s2", ints({0, 2, 1}))
                    .node("Reshape", {"x", "s1"}, {"a"})
                    .node("Reshape", {"a", "s2"}, {"t"}));
  }
  SECTION("a Dropout whose mask is read") {
    auto masked = Sketch(sketch).output("m", DataType::Bool).node("Dropout", {"x"}, {"t", "m"});
    requireKept(masked);
  }
}

TEST_CASE("remove-noops predicts the time of what it drops") {
  const auto model = around({2, 3}).node("Identity", {"x"}, {"t"}).node("Relu", {"t"}, {"y"}).model();
  const auto result = rewrite(*rule, model, {.times = {{"t", 0.25}, {"y", 1.0}}});
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].predictedGainMs == Approx(0.25));
  CHECK(result.opportunities[0].target == "1 Identity");
}

TEST_CASE("remove-noops lets an operator broadcast by itself what was expanded for it") {
  // A block of SENet: channels times their weights, expanded to the image's shape, whatever its batch and size.
  const auto image = [] { return Sketch().input("x", {-1, 4, -1, -1}).output("y"); };
  const auto before = image()
                          .node("GlobalAveragePool", {"x"}, {"g"})
                          .node("Shape", {"x"}, {"s"})
                          .node("Expand", {"g", "s"}, {"e"})
                          .node("Mul", {"x", "e"}, {"y"})
                          .model();
  const auto expected = image().node("GlobalAveragePool", {"x"}, {"g"}).node("Mul", {"x", "g"}, {"y"}).model();
  requireRewrites(*rule, before, expected, {.inputs = {{"x", randomTensor({2, 4, 3, 5})}}});
}

TEST_CASE("remove-noops leaves an Expand that makes the result larger, or that others read") {
  const auto sketch = [] {
    return Sketch().input("x", {2, 1}).input("z", {2, 1}).output("y").weight("s", ints({2, 3}));
  };
  const Setup setup{.inputs = {{"x", randomTensor({2, 1})}, {"z", randomTensor({2, 1}, 2)}}};
  const auto expanded = sketch().node("Expand", {"x", "s"}, {"e"});
  CHECK(requireNothing(*rule, Sketch(expanded).node("Add", {"e", "z"}, {"y"}).model(), setup).empty());
  const auto copied = Sketch(expanded).weight("c", randomTensor({2, 3})).output("k").node("Add", {"e", "c"}, {"y"});
  CHECK(requireNothing(*rule, Sketch(copied).node("Relu", {"e"}, {"k"}).model(), setup).empty());
  CHECK(requireNothing(*rule, Sketch(expanded).node("Concat", {"e", "e"}, {"y"}, {{"axis", int64_t{0}}}).model(), setup)
            .empty());
}
