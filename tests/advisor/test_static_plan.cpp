// Which operators between convolutions stay in integers.
#include "advisor/rules/quantize_static.h"
#include "tests/advisor/support/quantization.h"
#include "tests/advisor/support/sketch.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ridgeline;
using namespace ridgeline::test;
using Ints = std::vector<int64_t>;

namespace {

const auto rule = advisor::makeQuantizeStaticRule();
const std::string kVariant = "u8s8-qdq";
const std::vector<std::pair<std::string, graph::AttributeValue>> kSamePad{{"pads", Ints{1, 1, 1, 1}}};

engine::NamedTensors image(int64_t batch, uint64_t seed) { return {{"x", randomTensor({batch, 3, 16, 16}, seed)}}; }

// A convolution makes c1 of x; w2 is for another behind it.
Sketch afterConvolution() {
  return Sketch()
      .input("x", {-1, 3, 16, 16})
      .output("y")
      .weight("w1", randomTensor({8, 3, 3, 3}, 1, 0.6f))
      .weight("w2", randomTensor({8, 8, 1, 1}, 2, 0.6f))
      .node("Conv", {"x", "w1"}, {"c1"}, kSamePad);
}

}  // namespace

TEST_CASE("quantize-static quantizes what meets quantized values as floats") {
  // A decoder's skip connection: the engine has no integer kernel for ConvTranspose.
  const auto skip = [] {
    return Sketch()
        .input("x", {-1, 3, 16, 16})
        .output("y")
        .weight("w1", randomTensor({8, 3, 3, 3}, 1, 0.3f))
        .weight("wt", randomTensor({8, 8, 3, 3}, 2, 0.2f))
        .weight("w2", randomTensor({4, 16, 1, 1}, 3, 0.3f))
        .node("Conv", {"x", "w1"}, {"c1"}, kSamePad)
        .node("ConvTranspose", {"c1", "wt"}, {"t"}, kSamePad);
  };
  SECTION("side by side") {
    auto sketch = skip().node("Concat", {"t", "c1"}, {"both"}, {{"axis", int64_t{1}}});
    const auto before = sketch.node("Conv", {"both", "w2"}, {"y"}).model();
    QuantizationBench bench(before, {image(1, 1), image(2, 2)});
    const auto after = bench.apply(*rule, kVariant, {"c1", "y"});
    const auto operators = executedTypesOf(after);
    CHECK(operators.at("QLinearConcat") == 1);
    CHECK(operators.at("QuantizeLinear") == 2);
    CHECK(outputCosine(before, after, image(1, 8)) > 0.995);
  }
  SECTION("but no constant, which one scale may not hold") {
    auto sketch = skip().weight("c", randomTensor({1, 8, 1, 1}, 4)).node("Mul", {"c1", "c"}, {"m"});
    sketch.node("Concat", {"m", "c1"}, {"both"}, {{"axis", int64_t{1}}});
    const auto before = sketch.node("Conv", {"both", "w2"}, {"y"}).model();
    QuantizationBench bench(before, {image(1, 1), image(2, 2)});
    CHECK(executedTypesOf(bench.apply(*rule, kVariant, {"c1", "y"})).at("Mul") == 1);
  }
}

TEST_CASE("quantize-static keeps hard activations in integers") {
  // A block of MobileNetV3: HardSwish between convolutions, and channels weighted by HardSigmoid of their means.
  const auto before = afterConvolution()
                          .weight("w3", randomTensor({8, 8, 1, 1}, 3, 0.3f))
                          .weight("w4", randomTensor({4, 8, 1, 1}, 4, 0.3f))
                          .node("HardSwish", {"c1"}, {"a1"})
                          .node("Conv", {"a1", "w2"}, {"c2"})
                          .node("GlobalAveragePool", {"c2"}, {"g"})
                          .node("Conv", {"g", "w3"}, {"c3"})
                          .node("HardSigmoid", {"c3"}, {"h"}, {{"alpha", 1.0f / 6}})
                          .node("Mul", {"h", "c2"}, {"m"})
                          .node("Conv", {"m", "w4"}, {"y"})
                          .model();
  QuantizationBench bench(before, {image(1, 1), image(2, 2)});
  const std::vector<std::string> places{"c1", "c2", "c3", "y"};
  const auto after = bench.apply(*rule, kVariant, places);
  const auto operators = executedTypesOf(after);
  CHECK(operators.at("QLinearConv") == 4);
  CHECK(operators.at("QLinearMul") == 2);
  CHECK(operators.at("QLinearLeakyRelu") == 2);
  CHECK(operators.at("QuantizeLinear") == 1);
  CHECK_FALSE(operators.contains("HardSigmoid"));
  CHECK(outputCosine(before, after, image(1, 8)) > 0.995);

  const auto asInt8 = bench.apply(*rule, "s8s8-qdq", places);
  CHECK(executedTypesOf(asInt8).at("HardSigmoid") >= 1);
  CHECK(outputCosine(before, asInt8, image(1, 8)) > 0.995);
}

TEST_CASE("quantize-static leaves a HardSigmoid alone whose steps are no uint8") {
  const auto before =
      afterConvolution().node("HardSigmoid", {"c1"}, {"h"}, {{"beta", -0.5f}}).node("Conv", {"h", "w2"}, {"y"}).model();
  QuantizationBench bench(before, {image(1, 1), image(2, 2)});
  CHECK(executedTypesOf(bench.apply(*rule, kVariant, {"c1", "y"})).at("HardSigmoid") == 1);
}

TEST_CASE("quantize-static moves and copies integers as they are") {
  const int64_t opset = GENERATE(13, 17);
  struct Mover {
    std::string type;
    std::vector<std::string> inputs;
    std::vector<std::pair<std::string, graph::AttributeValue>> attributes;
    int64_t channels;  // of what it makes
  };
  const auto mover = GENERATE_COPY(values<Mover>({
      {"Slice", {"c1", "zero", "four", "one"}, {}, 4},
      {"DepthToSpace", {"c1"}, {{"blocksize", int64_t{2}}, {"mode", std::string("CRD")}}, 2},
      {"Resize", {"c1", "", "scales"}, {{"mode", std::string("nearest")}}, 8},
      {"Gather", {"c1", "four"}, {{"axis", int64_t{1}}}, 1},
      {"Tile", {"c1", "repeats"}, {}, 8},
      {"Expand", {"c1", "shape"}, {}, 8},
  }));
  CAPTURE(opset, mover.type);
  const auto before = Sketch(opset)
                          .input("x", {-1, 3, 16, 16})
                          .output("y")
                          .weight("w1", randomTensor({8, 3, 3, 3}, 1, 0.6f))
                          .weight("w2", randomTensor({8, mover.channels, 1, 1}, 2, 0.6f))
                          .weight("zero", ints({0}))
                          .weight("one", ints({1}))
                          .weight("four", ints({4}))
                          .weight("repeats", ints({1, 1, 2, 1}))
                          .weight("shape", ints({1, 8, 16, 16}))
                          .weight("scales", floats({4}, {1, 1, 2, 2}))
                          .node("Conv", {"x", "w1"}, {"c1"}, kSamePad)
                          .node(mover.type, mover.inputs, {"m"}, mover.attributes)
                          .node("Conv", {"m", "w2"}, {"y"})
                          .model();
  QuantizationBench bench(before, {image(1, 1), image(2, 2)});
  for (const auto* variant : {"u8s8-qdq", "s8s8-qdq"}) {
    const auto after = bench.apply(*rule, variant, {"c1", "y"});
    CHECK(executedTypesOf(after).at("QuantizeLinear") == 1);
    CHECK(outputCosine(before, after, image(1, 8)) > 0.995);
  }
}

TEST_CASE("quantize-static hands out parts of a quantized tensor as integers") {
  const auto splitIn = [](const std::string& second) {
    return afterConvolution()
        .weight("w3", randomTensor({8, 4, 1, 1}, 3, 0.6f))
        .node("Split", {"c1"}, {"a", "b"}, {{"axis", int64_t{1}}})
        .node(second, {"b"}, {"g"})
        .node("Mul", {"a", "g"}, {"m"})
        .node("Conv", {"m", "w3"}, {"y"});
  };
  const auto quantized = [](const graph::Model& before) {
    QuantizationBench bench(before, {image(1, 1), image(2, 2)});
    const auto after = bench.apply(*rule, kVariant, {"c1", "y"});
    CHECK(outputCosine(before, after, image(1, 8)) > 0.995);
    return executedTypesOf(after);
  };
  SECTION("each of them") {
    const auto operators = quantized(splitIn("Sigmoid").model());
    CHECK(operators.at("QuantizeLinear") == 1);
    CHECK(operators.at("QLinearMul") == 1);
  }
  SECTION("also where one is read as floats, or is an output") {
    const auto operators = quantized(splitIn("Elu").output("a").model());
    CHECK(operators.at("Elu") == 1);
    CHECK(operators.at("QLinearMul") == 1);
  }
}

TEST_CASE("quantize-static makes no integers of values that a Resize makes up, nor for a Split that nobody needs so") {
  SECTION("interpolation") {
    const auto before = afterConvolution()
                            .weight("scales", floats({4}, {1, 1, 2, 2}))
                            .node("Resize", {"c1", "", "scales"}, {"m"}, {{"mode", std::string("linear")}})
                            .node("Conv", {"m", "w2"}, {"y"})
                            .model();
    QuantizationBench bench(before, {image(1, 1), image(2, 2)});
    CHECK(executedTypesOf(bench.apply(*rule, kVariant, {"c1", "y"})).at("QuantizeLinear") == 2);
  }
  SECTION("floats on every side") {
    const auto before = afterConvolution()
                            .node("Split", {"c1"}, {"a", "b"}, {{"axis", int64_t{1}}})
                            .node("Elu", {"a"}, {"t"})
                            .node("Add", {"t", "b"}, {"y"})
                            .model();
    QuantizationBench bench(before, {image(1, 1), image(2, 2)});
    CHECK(executedTypesOf(bench.apply(*rule, kVariant, {"c1"})).at("DequantizeLinear") == 1);
  }
}

TEST_CASE("quantize-static keeps GELU one operator behind a convolution") {
  // The engine dequantizes once for each reader, and no longer sees that both read the same.
  const auto before = afterConvolution()
                          .weight("root2", graph::Tensor::scalar(std::sqrt(2.0f)))
                          .weight("one", graph::Tensor::scalar(1))
                          .weight("half", graph::Tensor::scalar(0.5f))
                          .node("Div", {"c1", "root2"}, {"d"})
                          .node("Erf", {"d"}, {"e"})
                          .node("Add", {"e", "one"}, {"s"})
                          .node("Mul", {"c1", "s"}, {"m"})
                          .node("Mul", {"m", "half"}, {"g"})
                          .node("Conv", {"g", "w2"}, {"y"})
                          .model();
  QuantizationBench bench(before, {image(1, 1), image(2, 2)});
  const auto after = bench.apply(*rule, kVariant, {"c1", "y"});
  const auto operators = executedTypesOf(after);
  CHECK(operators.at("Gelu") == 1);
  CHECK_FALSE(operators.contains("Erf"));
  CHECK(outputCosine(before, after, image(1, 8)) > 0.995);
}

TEST_CASE("quantize-static looks up a tanh as it does a sigmoid") {
  const auto before = afterConvolution()
                          .weight("w3", randomTensor({8, 4, 1, 1}, 3, 0.6f))
                          .node("Split", {"c1"}, {"a", "b"}, {{"axis", int64_t{1}}})
                          .node("Tanh", {"a"}, {"t"})
                          .node("Sigmoid", {"b"}, {"g"})
                          .node("Mul", {"t", "g"}, {"m"})
                          .node("Conv", {"m", "w3"}, {"y"})
                          .model();
  QuantizationBench bench(before, {image(1, 1), image(2, 2)});
  const auto after = bench.apply(*rule, kVariant, {"c1", "y"});
  const auto operators = executedTypesOf(after);
  CHECK_FALSE(operators.contains("Tanh"));
  CHECK(operators.at("QLinearSigmoid") == 2);
  CHECK(operators.at("QuantizeLinear") == 1);
  CHECK(outputCosine(before, after, image(1, 8)) > 0.995);

  const auto asInt8 = bench.apply(*rule, "s8s8-qdq", {"c1", "y"});
  CHECK(executedTypesOf(asInt8).at("Tanh") == 1);
  CHECK(outputCosine(before, asInt8, image(1, 8)) > 0.995);
}

TEST_CASE("quantize-static leaves a tanh alone that nobody wants in integers") {
  const auto before = afterConvolution().node("Tanh", {"c1"}, {"y"}).model();
  QuantizationBench bench(before, {image(1, 1), image(2, 2)});
  CHECK(executedTypesOf(bench.apply(*rule, kVariant, {"c1"})).at("Tanh") == 1);
}

TEST_CASE("quantize-static pools integers where the mean of an image is spelled as a reduction") {
  const int64_t opset = GENERATE(17, 18);
  const auto sketch = [&] {
    auto s = Sketch(opset).input("x", {-1, 3, 16, 16}).output("y").weight("w1", randomTensor({8, 3, 3, 3}, 1, 0.6f));
    return s.weight("w2", randomTensor({8, 8, 1, 1}, 2, 0.6f)).node("Conv", {"x", "w1"}, {"c1"}, kSamePad);
  };
  const auto meanOver = [&](const Ints& axes) {
    auto s = sketch();
    if (opset < 18) s.node("ReduceMean", {"c1"}, {"m"}, {{"axes", axes}});
    if (opset >= 18) s.weight("axes", ints(axes)).node("ReduceMean", {"c1", "axes"}, {"m"});
    return s.node("Conv", {"m", "w2"}, {"g"}).node("Sigmoid", {"g"}, {"h"}).node("Mul", {"c1", "h"}, {"v"});
  };
  const auto typesOf = [&](Sketch s) {
    const auto before = s.weight("w3", randomTensor({8, 8, 1, 1}, 3)).node("Conv", {"v", "w3"}, {"y"}).model();
    QuantizationBench bench(before, {image(1, 1), image(2, 2)});
    const auto after = bench.apply(*rule, kVariant, {"c1", "g", "y"});
    CHECK(outputCosine(before, after, image(1, 8)) > 0.99);
    return executedTypesOf(after);
  };
  const auto operators = typesOf(meanOver({-1, -2}));
  CHECK(operators.at("QLinearGlobalAveragePool") == 1);
  CHECK(operators.at("QuantizeLinear") == 1);
  CHECK(typesOf(meanOver({3})).at("ReduceMean") == 1);
}
