#include "advisor/rules/fuse_layer_norm.h"
#include "advisor/rules/fuse_rms_norm.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto layerNorm = advisor::makeFuseLayerNormRule();
const auto rmsNorm = advisor::makeFuseRmsNormRule();

constexpr int64_t kWidth = 6;

using Attributes = std::vector<std::pair<std::string, graph::AttributeValue>>;
const Attributes lastAxis{{"axes", graph::Dims{-1}}};

enum class Square { Pow, Mul };
enum class Root { Div, Reciprocal, OneOver, Power };

Sketch model(int64_t opset = 17) {
  return Sketch(opset)
      .input("x", {-1, -1, kWidth})
      .output("y")
      .weight("w", randomTensor({kWidth}, 3))
      .weight("b", randomTensor({kWidth}, 4));
}

// value / sqrt(mean(value^2) + 1e-5) as "n".
Sketch normalized(Sketch s, const std::string& value, Square square, Root root, const Attributes& mean = lastAxis) {
  s.weight("eps", graph::Tensor::scalar(1e-5F))
      .weight("two", graph::Tensor::scalar(2))
      .weight("one", graph::Tensor::scalar(1));
  s.weight("mhalf", graph::Tensor::scalar(-0.5F));
  if (square == Square::Pow) s.node("Pow", {value, "two"}, {"sq"});
  if (square == Square::Mul) s.node("Mul", {value, value}, {"sq"});
  s.node("ReduceMean", {"sq"}, {"var"}, mean).node("Add", {"var", "eps"}, {"ve"});
  if (root == Root::Power) return s.node("Pow", {"ve", "mhalf"}, {"r"}).node("Mul", {value, "r"}, {"n"});
  s.node("Sqrt", {"ve"}, {"std"});
  if (root == Root::Div) return s.node("Div", {value, "std"}, {"n"});
  if (root == Root::Reciprocal) s.node("Reciprocal", {"std"}, {"r"});
  if (root == Root::OneOver) s.node("Div", {"one", "std"}, {"r"});
  return s.node("Mul", {value, "r"}, {"n"});
}

Sketch centered(Sketch s) { return s.node("ReduceMean", {"x"}, {"mean"}, lastAxis).node("Sub", {"x", "mean"}, {"c"}); }

Sketch affine(Sketch s) {
  return s.node("Mul", {"n", "w"}, {"nw"}).node("Add", {"b", "nw"}, {"z"}).node("Relu", {"z"}, {"y"});
}

const Attributes epsilonAndAxis{{"axis", int64_t{-1}}, {"epsilon", 1e-5F}};

graph::Model expected(const std::string& op, const std::vector<std::string>& inputs, int64_t opset = 17) {
  Sketch s(opset);
  s.input("x", {-1, -1, kWidth}).output("y");
  for (size_t i = 1; i < inputs.size(); ++i) {
    s.weight(inputs[i], inputs[i] == "ones" ? floats({kWidth}, std::vector<float>(kWidth, 1))
                                            : randomTensor({kWidth}, inputs[i] == "w" ? 3 : 4));
  }
  return s.node(op, inputs, {"z"}, epsilonAndAxis).node("Relu", {"z"}, {"y"}).model();
}

const Setup setup{.inputs = {{"x", randomTensor({2, 3, kWidth})}}};

}  // namespace

TEST_CASE("fuse-layer-norm knows the spellings that the engine leaves") {
  const auto square = GENERATE(Square::Pow, Square::Mul);
  const auto root = GENERATE(Root::Div, Root::Reciprocal, Root::OneOver, Root::Power);
  if (square == Square::Pow && (root == Root::Div || root == Root::OneOver)) return;  // it knows those
  const auto before = affine(normalized(centered(model()), "c", square, root)).model();
  const auto result = rewrite(*layerNorm, before, setup);
  CHECK(result.places == 1);
  CHECK(difference(result.model, expected("LayerNormalization", {"x", "w", "b"})) == "");
  CHECK(outputDifference(before, result.model, {{"x", randomTensor({1, 9, kWidth})}}, 1e-4) == "");
}

TEST_CASE("fuse-layer-norm leaves what the engine fuses by itself") {
  const auto root = GENERATE(Root::Div, Root::OneOver);
  CHECK(
      requireNothing(*layerNorm, affine(normalized(centered(model()), "c", Square::Pow, root)).model(), setup).empty());
}

TEST_CASE("fuse-layer-norm sees weights behind other names of theirs") {
  const auto named = [](Sketch s) {
    s.node("Identity", {"w"}, {"w2"}).node("Identity", {"w2"}, {"w3"}).node("Mul", {"n", "w3"}, {"nw"});
    return s.node("Add", {"nw", "b"}, {"z"}).node("Relu", {"z"}, {"y"}).model();
  };
  auto after = rewrite(*layerNorm, named(normalized(centered(model()), "c", Square::Mul, Root::Div)), setup);
  CHECK(after.places == 1);
  CHECK(graph::Graph(after.model).nodesOf("Mul").empty());
  CHECK(requireNothing(*layerNorm, named(normalized(centered(model()), "c", Square::Pow, Root::Div)), setup).empty());
}

TEST_CASE("fuse-layer-norm works where the operator set has no LayerNormalization yet") {
  const auto before = affine(normalized(centered(model(11)), "c", Square::Mul, Root::Div)).model();
  requireRewrites(*layerNorm, before, expected("LayerNormalization", {"x", "w", "b"}, 11), setup);
}

TEST_CASE("fuse-layer-norm does without weight and bias") {
  const auto before = normalized(centered(model()), "c", Square::Pow, Root::Reciprocal).node("Relu", {"n"}, {"y"});
  requireRewrites(*layerNorm, before.model(), expected("LayerNormalization", {"x", "ones"}), setup);
  const auto weightOnly = normalized(centered(model()), "c", Square::Mul, Root::Div)
                              .node("Mul", {"n", "w"}, {"nw"})
                              .node("Relu", {"nw"}, {"y"});
  requireRewrites(*layerNorm, weightOnly.model(), expected("LayerNormalization", {"x", "w"}), setup);
}

TEST_CASE("fuse-layer-norm knows the form with the weight moved inside") {
  auto s = centered(model()).weight("eps", graph::Tensor::scalar(1e-5F));
  s.node("Mul", {"c", "c"}, {"sq"}).node("ReduceMean", {"sq"}, {"var"}, lastAxis).node("Add", {"eps", "var"}, {"ve"});
  s.node("Sqrt", {"ve"}, {"std"}).node("Reciprocal", {"std"}, {"r"}).node("Mul", {"r", "w"}, {"rw"});
  s.node("Mul", {"x", "rw"}, {"xr"}).node("Mul", {"mean", "rw"}, {"mr"}).node("Sub", {"b", "mr"}, {"bm"});
  s.node("Add", {"xr", "bm"}, {"z"}).node("Relu", {"z"}, {"y"});
  requireRewrites(*layerNorm, s.model(), expected("LayerNormalization", {"x", "w", "b"}), setup);
}

TEST_CASE("fuse-layer-norm does not fire on what only looks alike") {
  SECTION("a mean over another axis") {
    auto s = normalized(centered(model()), "c", Square::Mul, Root::Div, {{"axes", graph::Dims{1}}});
    CHECK(requireNothing(*layerNorm, affine(s).model(), setup).empty());
  }
  SECTION("a mean over two axes") {
    auto s = normalized(centered(model()), "c", Square::Mul, Root::Div, {{"axes", graph::Dims{1, 2}}});
    CHECK(requireNothing(*layerNorm, affine(s).model(), setup).empty());
  }
  SECTION("a deviation that others read") {
    const auto misses = requireNothing(
        *layerNorm, affine(normalized(centered(model()), "c", Square::Mul, Root::Div)).output("std").model(), setup);
    REQUIRE(misses.size() == 1);
    CHECK(misses[0].why == "a value inside is also read elsewhere");
  }
  SECTION("a power that is no square") {
    auto s = centered(model()).weight("eps", graph::Tensor::scalar(1e-5F)).weight("two", graph::Tensor::scalar(2.01F));
    s.node("Pow", {"c", "two"}, {"sq"})
        .node("ReduceMean", {"sq"}, {"var"}, lastAxis)
        .node("Add", {"var", "eps"}, {"ve"});
    s.node("Sqrt", {"ve"}, {"std"}).node("Div", {"c", "std"}, {"n"});
    CHECK(requireNothing(*layerNorm, affine(s).model(), {.run = false}).empty());
  }
}

TEST_CASE("fuse-rms-norm knows the spellings that the engine leaves") {
  const auto scaled = [](Sketch s) { return s.node("Mul", {"w", "n"}, {"z"}).node("Relu", {"z"}, {"y"}).model(); };
  const auto target = expected("SimplifiedLayerNormalization", {"x", "w"});
  SECTION("reciprocal") {
    requireRewrites(*rmsNorm, scaled(normalized(model(), "x", Square::Pow, Root::Reciprocal)), target, setup);
  }
  SECTION("square by product") {
    requireRewrites(*rmsNorm, scaled(normalized(model(), "x", Square::Mul, Root::OneOver)), target, setup);
  }
  SECTION("power of minus a half") {
    requireRewrites(*rmsNorm, scaled(normalized(model(), "x", Square::Pow, Root::Power)), target, setup);
  }
  SECTION("not those that it fuses by itself") {
    CHECK(requireNothing(*rmsNorm, scaled(normalized(model(), "x", Square::Pow, Root::OneOver)), setup).empty());
  }
  SECTION("nor a layer normalization") {
    const auto before =
        normalized(centered(model()), "c", Square::Mul, Root::Reciprocal).node("Mul", {"n", "w"}, {"z"});
    CHECK(requireNothing(*rmsNorm, Sketch(before).node("Relu", {"z"}, {"y"}).model(), setup).empty());
  }
  SECTION("nor a weight for each row") {
    auto s = normalized(model(), "x", Square::Mul, Root::Div).weight("rows", randomTensor({3, 1}));
    const auto before = s.node("Mul", {"n", "rows"}, {"z"}).node("Relu", {"z"}, {"y"}).model();
    auto after = rewrite(*rmsNorm, before, setup);
    CHECK(after.places == 1);
    CHECK(graph::Graph(after.model).nodesOf("Mul").size() == 1);  // the rows' weight stays outside
  }
}
