#include "advisor/rules/quantize_dynamic.h"
#include "tests/advisor/support/equivalence.h"
#include "tests/advisor/support/quantization.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto rule = advisor::makeQuantizeDynamicRule();

graph::Tensor int8s(graph::Dims dims, const std::vector<int8_t>& values) {
  return graph::Tensor::of<int8_t>(std::move(dims), values);
}

// Scales chosen so that every weight is an integer number of them: 0.5 and 2.
const std::vector<float> kWeight{63.5f, -254, 1.5f, 4, -0.5f, 0};
const std::vector<int8_t> kQuantized{127, -127, 3, 2, -1, 0};

Sketch quantizedByHand(const std::string& x, std::vector<std::string> rest, const std::string& output) {
  std::vector<std::string> inputs{x, "q", "s"};
  inputs.insert(inputs.end(), rest.begin(), rest.end());
  return Sketch()
      .weight("q", int8s({3, 2}, kQuantized))
      .weight("s", floats({2}, {0.5f, 2}))
      .node("DynamicQuantizeMatMul", inputs, {output}, {}, "com.microsoft");
}

graph::Model withMicrosoft(const Sketch& sketch) {
  auto model = sketch.model();
  model.requireOpset("com.microsoft", 1);
  return model;
}

}  // namespace

TEST_CASE("quantize-dynamic takes a MatMul and the bias behind it, as worked out by hand") {
  const auto before = Sketch()
                          .input("x", {4, 3})
                          .output("y")
                          .weight("w", floats({3, 2}, kWeight))
                          .weight("b", floats({2}, {1, -1}))
                          .node("MatMul", {"x", "w"}, {"m"})
                          .node("Add", {"b", "m"}, {"y"})
                          .model();
  const auto expected = withMicrosoft(
      quantizedByHand("x", {"", "b"}, "y").input("x", {4, 3}).output("y").weight("b", floats({2}, {1, -1})));
  QuantizationBench bench(before, {{{"x", randomTensor({4, 3})}}});
  const auto after = bench.apply(*rule, "", {"m"});
  REQUIRE(difference(after, expected) == "");
  CHECK(outputCosine(before, after, {{"x", randomTensor({4, 3}, 5)}}) > 0.999);
}

TEST_CASE("quantize-dynamic leaves a bias alone that it cannot take in") {
  const auto x = randomTensor({4, 3});
  const auto sketch =
      Sketch().input("x", {4, 3}).output("y").weight("w", floats({3, 2}, kWeight)).node("MatMul", {"x", "w"}, {"m"});
  const auto bareProduct = [&](Sketch s) {
    const auto before = s.model();
    QuantizationBench bench(before, {{{"x", x}}});
    const auto after = bench.apply(*rule, "", {"m"});
    CHECK(operatorsOf(after) == std::map<std::string, int>{{"com.microsoft.DynamicQuantizeMatMul", 1}, {"Add", 1}});
    CHECK(outputCosine(before, after, {{"x", x}}) > 0.999);
  };
  SECTION("a value for each row") {
    bareProduct(Sketch(sketch).weight("b", floats({4, 1}, {1, 2, 3, 4})).node("Add", {"m", "b"}, {"y"}));
  }
  SECTION("one that raises the rank") {
    bareProduct(Sketch(sketch).weight("b", floats({1, 1, 2}, {1, 2})).node("Add", {"m", "b"}, {"y"}));
  }
  SECTION("the product is an output itself") {
    bareProduct(Sketch(sketch).output("m").weight("b", floats({2}, {1, 2})).node("Add", {"m", "b"}, {"y"}));
  }
}

TEST_CASE("quantize-dynamic reads every spelling of a product with a weight") {
  const auto x = randomTensor({5, 3});
  const auto check = [&](Sketch sketch, std::map<std::string, int> operators) {
    const auto before = sketch.input("x", {5, 3}).output("y").model();
    QuantizationBench bench(before, {{{"x", x}}});
    const auto after = bench.apply(*rule, "", {"m"});
    CHECK(operatorsOf(after) == operators);
    CHECK(outputCosine(before, after, {{"x", x}}) > 0.999);
  };
  const std::map<std::string, int> one{{"com.microsoft.DynamicQuantizeMatMul", 1}};
  const std::map<std::string, int> andRelu{{"com.microsoft.DynamicQuantizeMatMul", 1}, {"Relu", 1}};
  const auto weight = randomTensor({3, 7}), turned = randomTensor({7, 3}), bias = randomTensor({7}, 3);
  SECTION("Gemm with everything") {
    check(Sketch()
              .weight("w", turned)
              .weight("b", bias)
              .node("Gemm", {"x", "w", "b"}, {"m"}, {{"alpha", 0.5f}, {"beta", -2.0f}, {"transB", int64_t{1}}})
              .node("Relu", {"m"}, {"y"}),
          andRelu);
  }
  SECTION("Gemm with a scalar bias") {
    check(Sketch()
              .weight("w", weight)
              .weight("b", floats({1}, {0.75f}))
              .node("Gemm", {"x", "w", "b"}, {"m"})
              .node("Relu", {"m"}, {"y"}),
          andRelu);
  }
  SECTION("a Transpose of the constant") {
    check(Sketch()
              .weight("w", turned)
              .node("Transpose", {"w"}, {"t"})
              .node("MatMul", {"x", "t"}, {"m"})
              .node("Relu", {"m"}, {"y"}),
          andRelu);
  }
  SECTION("constants behind Identity") {
    check(Sketch()
              .weight("w", weight)
              .weight("b", bias)
              .node("Identity", {"w"}, {"w2"})
              .node("Identity", {"b"}, {"b2"})
              .node("MatMul", {"x", "w2"}, {"m"})
              .node("Add", {"m", "b2"}, {"y"}),
          one);
  }
}

TEST_CASE("quantize-dynamic quantizes a shared weight once and leaves it to other readers") {
  const auto weight = randomTensor({6, 3});  // an embedding of 6 rows, tied to the output layer
  const auto before = Sketch()
                          .input("ids", {4}, graph::DataType::Int64)
                          .output("y")
                          .output("z")
                          .weight("w", weight)
                          .node("Gather", {"w", "ids"}, {"e"})
                          .node("Transpose", {"w"}, {"t"})
                          .node("MatMul", {"e", "t"}, {"y"})
                          .node("Tanh", {"e"}, {"f"})
                          .node("MatMul", {"f", "t"}, {"z"})
                          .model();
  QuantizationBench bench(before, {{{"ids", ints({0, 5, 2, 2})}}});
  const auto after = bench.apply(*rule, "", {"y", "z"});
  CHECK(operatorsOf(after) ==
        std::map<std::string, int>{{"Gather", 1}, {"Tanh", 1}, {"com.microsoft.DynamicQuantizeMatMul", 2}});
  CHECK(after.graphProto().initializer_size() == 3);  // the embedding, its integers, their scales
  CHECK(outputCosine(before, after, {{"ids", ints({1, 3, 4, 0})}}) > 0.999);
}

TEST_CASE("quantize-dynamic tells what stands in the way") {
  const auto refuses = [](Sketch sketch, const std::string& why) {
    const auto before = sketch.input("x", {3, 3}).output("y").model();
    QuantizationBench bench(before, {{{"x", randomTensor({3, 3})}}});
    CHECK(bench.find(*rule).empty());
    REQUIRE(bench.nearMisses().size() == (why.empty() ? 0 : 1));
    if (!why.empty()) CHECK(bench.nearMisses().front().why == why);
    bench.apply(*rule, advisor::Opportunity{.rule = "quantize-dynamic", .places = {"y", "gone"}}, 0);
  };
  refuses(Sketch().weight("w", randomTensor({3, 3})).node("MatMul", {"w", "x"}, {"y"}),
          "MatMul: the constant is the first operand");
  refuses(Sketch().weight("w", randomTensor({2, 3, 3})).node("MatMul", {"x", "w"}, {"y"}),
          "MatMul: the constant operand is not a matrix");
  refuses(Sketch().weight("w", randomTensor({3, 3})).node("Gemm", {"x", "w"}, {"y"}, {{"transA", int64_t{1}}}),
          "Gemm: the first operand is transposed");
  refuses(
      Sketch().weight("w", randomTensor({3, 3})).weight("c", randomTensor({3, 1})).node("Gemm", {"x", "w", "c"}, {"y"}),
      "Gemm: the third operand is not a constant with a value for each column");
  refuses(Sketch().node("MatMul", {"x", "x"}, {"y"}), "");
}

TEST_CASE("quantize-dynamic proposes only shapes that are faster here, and says how much") {
  const auto before = Sketch()
                          .input("x", {2, 8})
                          .output("y")
                          .weight("w1", randomTensor({8, 16}))
                          .weight("w2", randomTensor({16, 16}))
                          .weight("w3", randomTensor({16, 16}, 2))
                          .node("MatMul", {"x", "w1"}, {"a"})
                          .node("MatMul", {"a", "w2"}, {"b"})
                          .node("MatMul", {"b", "w3"}, {"y"})
                          .model();
  QuantizationBench bench(before, {{{"x", randomTensor({2, 8})}}});
  bench.times() = {{"a", 3.0}, {"b", 2.0}, {"y", 6.0}};
  bench.kernels().assume("MatMul float32 M2 K8 N16", 1);
  bench.kernels().assume("MatMul float32 M2 K16 N16", 4);
  bench.kernels().assume("DynamicQuantizeMatMul M2 K16 N16", 1);
  SECTION("one shape gains") {
    bench.kernels().assume("DynamicQuantizeMatMul M2 K8 N16", 0.97);  // not clearly faster
    const auto found = bench.find(*rule);
    REQUIRE(found.size() == 1);
    CHECK(found[0].places == std::vector<std::string>{"b", "y"});
    CHECK(found[0].predictedGainMs == Approx((2.0 + 6.0) * 0.75));
    CHECK(found[0].target == "2 matrix products");
    CHECK(std::ranges::count(found[0].evidence,
                             "MatMul 2x16x16: 4.00 ms as float32, 1.00 ms as dynamic INT8 (2 of them)") == 1);
    const auto after = bench.apply(*rule, found[0], 2);
    CHECK(operatorsOf(after) == std::map<std::string, int>{{"MatMul", 1}, {"com.microsoft.DynamicQuantizeMatMul", 2}});
    auto less = found[0];
    less.places = {"y"};
    CHECK(operatorsOf(bench.apply(*rule, less, 1)) ==
          std::map<std::string, int>{{"MatMul", 2}, {"com.microsoft.DynamicQuantizeMatMul", 1}});
  }
  SECTION("a form that does not run here is not proposed") {
    bench.kernels().assume("DynamicQuantizeMatMul M2 K8 N16", -1);
    const auto found = bench.find(*rule);
    REQUIRE(found.size() == 1);
    CHECK(found[0].places == std::vector<std::string>{"b", "y"});
  }
  SECTION("none gains") {
    bench.kernels().assume("DynamicQuantizeMatMul M2 K8 N16", 2);
    bench.kernels().assume("DynamicQuantizeMatMul M2 K16 N16", 5);
    CHECK(bench.find(*rule).empty());
  }
}

TEST_CASE("quantize-dynamic keeps open dims open") {
  const auto before = Sketch()
                          .input("x", {-1, -1, 24})
                          .output("y")
                          .weight("w", randomTensor({24, 5}))
                          .weight("b", randomTensor({5}))
                          .node("MatMul", {"x", "w"}, {"m"})
                          .node("Add", {"m", "b"}, {"y"})
                          .model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 4, 24})}}});
  const auto after = bench.apply(*rule, "", {"m"});
  CHECK(outputCosine(before, after, {{"x", randomTensor({1, 4, 24})}}) > 0.999);
  CHECK(outputCosine(before, after, {{"x", randomTensor({3, 9, 24}, 8)}}) > 0.999);
}

TEST_CASE("quantize-dynamic handles weights at the edge") {
  const auto run = [](graph::Tensor weight, int expected) {
    const int64_t k = weight.dims()[0];
    const auto before =
        Sketch().input("x", {3, k}).output("y").weight("w", weight).node("MatMul", {"x", "w"}, {"y"}).model();
    QuantizationBench bench(before, {{{"x", randomTensor({3, k})}}});
    const auto after = bench.apply(*rule, advisor::Opportunity{.rule = "quantize-dynamic", .places = {"y"}}, expected);
    if (expected == 1) CHECK(outputCosine(before, after, {{"x", randomTensor({3, k}, 4)}}) > 0.999);
  };
  run(randomTensor({33, 1}), 1);
  run(randomTensor({1, 9}), 1);
  run(floats({2, 3}, {0, 1, 2, 0, 3, 4}), 1);  // a column of zeros
  run(floats({2, 2}, {0, 0, 0, 0}), 1);
  run(floats({2, 2}, {1e-44f, 1, 1, 1}), 1);
  run(floats({2, 2}, {std::numeric_limits<float>::infinity(), 1, 1, 1}), 0);
  run(floats({2, 2}, {std::numeric_limits<float>::quiet_NaN(), 1, 1, 1}), 0);
}
