// Which operators between convolutions stay in integers.
#include "advisor/rules/quantize_static.h"
#include "tests/advisor/support/quantization.h"
#include "tests/advisor/support/sketch.h"

#include <catch2/catch.hpp>

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
