#include "advisor/rules/fold_batch_norm.h"
#include "advisor/rules/quantization/activations.h"
#include "advisor/rules/quantization/forms.h"
#include "advisor/rules/quantize_static.h"
#include "tests/advisor/support/equivalence.h"
#include "tests/advisor/support/quantization.h"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

using namespace ridgeline;
using namespace ridgeline::test;
using Operators = std::map<std::string, int>;
using Ints = std::vector<int64_t>;

namespace {

const auto rule = advisor::makeQuantizeStaticRule();
const std::string kVariant = "u8s8-qdq";

const std::vector<std::pair<std::string, graph::AttributeValue>> kSamePad{{"pads", Ints{1, 1, 1, 1}}};

// Head, one residual block, pooled and classified: every kind of operator between convolutions that ResNets have.
Sketch residual(int64_t opset = 17) {
  return Sketch(opset)
      .input("x", {-1, 3, 16, 16})
      .output("y")
      .weight("w1", randomTensor({8, 3, 3, 3}, 1, 0.3f))
      .weight("b1", randomTensor({8}, 2))
      .weight("w2", randomTensor({8, 8, 3, 3}, 3, 0.2f))
      .weight("w3", randomTensor({8, 8, 1, 1}, 4, 0.3f))
      .weight("b3", randomTensor({8}, 5))
      .weight("wf", randomTensor({5, 8}, 6))
      .weight("bf", randomTensor({5}, 7))
      .node("Conv", {"x", "w1", "b1"}, {"c1"}, kSamePad)
      .node("Relu", {"c1"}, {"r1"})
      .node("MaxPool", {"r1"}, {"p"}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}})
      .node("Conv", {"p", "w2"}, {"c2"}, kSamePad)
      .node("Relu", {"c2"}, {"r2"})
      .node("Conv", {"r2", "w3", "b3"}, {"c3"})
      .node("Add", {"c3", "p"}, {"s"})
      .node("Relu", {"s"}, {"r3"})
      .node("GlobalAveragePool", {"r3"}, {"g"})
      .node("Flatten", {"g"}, {"f"})
      .node("Gemm", {"f", "wf", "bf"}, {"y"}, {{"transB", int64_t{1}}});
}

const std::vector<std::string> kAll{"c1", "c2", "c3", "y"};

engine::NamedTensors image(int64_t batch, uint64_t seed) { return {{"x", randomTensor({batch, 3, 16, 16}, seed)}}; }

// How long a convolution with such an input takes alone: as float32, with uint8 and with int8 activations.
void assumeTimes(QuantizationBench& bench, const graph::Model& model, int node, graph::Dims input,
                 const std::array<double, 3>& ms) {
  using namespace advisor::quantization;
  ConvolutionShape shape{std::move(input), {}, model.graphProto().node(node)};
  shape.weight = initializerOf(model, shape.attributes.input(1)).dims();
  const std::array forms{ConvolutionForm::Float, ConvolutionForm::Uint8, ConvolutionForm::Int8};
  for (size_t i = 0; i < forms.size(); ++i) bench.kernels().assume(convolution(shape, forms[i]).key, ms[i]);
}

}  // namespace

TEST_CASE("activation ranges become scales in which zero is exact") {
  using advisor::quantization::scaleFor;
  const auto plain = scaleFor({-1, 1.55f}, false);
  CHECK(plain.scale == Approx(0.01));
  CHECK(plain.zeroPoint == 100);
  CHECK(scaleFor({-1, 1.55f}, true).zeroPoint == -28);
  const auto positive = scaleFor({2, 5.1f}, false);  // widened to zero
  CHECK(positive.scale == Approx(0.02));
  CHECK(positive.zeroPoint == 0);
  CHECK(scaleFor({-5.1f, -2}, false).zeroPoint == 255);
  CHECK(scaleFor({0, 0}, false).scale == 1);
  CHECK(scaleFor({0, 0}, true).zeroPoint == -128);
  CHECK(std::isfinite(1 / scaleFor({0, 1e-43f}, false).scale));
  CHECK(std::isfinite(scaleFor({-3e38f, 3e38f}, false).scale));
}

TEST_CASE("quantize-static wraps a convolution and its activation, as worked out by hand") {
  const auto before = Sketch()
                          .input("x", {1, 1, 1, 4})
                          .output("y")
                          .weight("w", floats({2, 1, 1, 1}, {1.27f, -0.254f}))
                          .weight("b", floats({2}, {0.5f, 0}))
                          .node("Conv", {"x", "w", "b"}, {"c"})
                          .node("Relu", {"c"}, {"y"})
                          .model();
  QuantizationBench bench(before, {{{"x", floats({1, 1, 1, 4}, {-1, 0, 0.25f, 1.55f})}}});
  const auto after = bench.apply(*rule, kVariant, {"c"});

  const float outputScale = (1.27f * 1.55f + 0.5f) / 255;
  const auto zero8 = [](uint8_t z) { return graph::Tensor::of<uint8_t>({}, std::vector<uint8_t>{z}); };
  const auto expected = Sketch()
                            .input("x", {1, 1, 1, 4})
                            .output("y")
                            .weight("xs", graph::Tensor::scalar(0.01f))
                            .weight("xz", zero8(100))
                            .weight("w", graph::Tensor::of<int8_t>({2, 1, 1, 1}, std::vector<int8_t>{127, -127}))
                            .weight("ws", floats({2}, {0.01f, 0.002f}))
                            .weight("wz", graph::Tensor(graph::DataType::Int8, {2}))
                            .weight("b", graph::Tensor::of<int32_t>({2}, std::vector<int32_t>{5000, 0}))
                            .weight("bs", floats({2}, {1e-4f, 2e-5f}))
                            .weight("bz", graph::Tensor(graph::DataType::Int32, {2}))
                            .weight("ys", graph::Tensor::scalar(outputScale))
                            .weight("yz", zero8(0))
                            .node("QuantizeLinear", {"x", "xs", "xz"}, {"xq"})
                            .node("DequantizeLinear", {"xq", "xs", "xz"}, {"xd"})
                            .node("DequantizeLinear", {"w", "ws", "wz"}, {"wd"}, {{"axis", int64_t{0}}})
                            .node("DequantizeLinear", {"b", "bs", "bz"}, {"bd"}, {{"axis", int64_t{0}}})
                            .node("Conv", {"xd", "wd", "bd"}, {"c"})
                            .node("Relu", {"c"}, {"r"})
                            .node("QuantizeLinear", {"r", "ys", "yz"}, {"yq"})
                            .node("DequantizeLinear", {"yq", "ys", "yz"}, {"y"})
                            .model();
  REQUIRE(difference(after, expected) == "");
}

TEST_CASE("quantize-static leaves nothing between the engine's integer kernels") {
  for (const int64_t opset : {17, 13, 12}) {
    INFO("opset " << opset);
    const auto before = residual(opset).model();
    QuantizationBench bench(before, {image(1, 1), image(1, 2), image(2, 3)});
    const auto after = bench.apply(*rule, kVariant, kAll);
    const auto operators = executedTypesOf(after);
    INFO(fmt::format("{}", operators.size()));
    CHECK(operators.at("QLinearConv") == 3);
    CHECK(operators.at("QLinearAdd") == 1);
    CHECK(operators.at("QLinearGlobalAveragePool") == 1);
    CHECK(operators.at("MatMulIntegerToFloat") == 1);
    CHECK(operators.at("QuantizeLinear") == 1);
    CHECK_FALSE(operators.contains("DequantizeLinear"));
    CHECK_FALSE(operators.contains("Relu"));
    CHECK(outputCosine(before, after, image(1, 8)) > 0.995);
    CHECK(outputCosine(before, after, image(3, 9)) > 0.995);
  }
}

TEST_CASE("quantize-static works before opset 12, where MaxPool is not for integers") {
  const auto before = residual(11).model();
  QuantizationBench bench(before, {image(1, 1), image(1, 2)});
  const auto after = bench.apply(*rule, kVariant, kAll);
  const auto operators = executedTypesOf(after);
  CHECK(operators.at("QLinearConv") == 3);
  CHECK(outputCosine(before, after, image(2, 8)) > 0.995);
}

TEST_CASE("quantize-static raises opsets without integer convolutions where that changes nothing") {
  const auto sketch = Sketch(9)
                          .input("x", {1, 2, 4, 4})
                          .output("y")
                          .weight("w", randomTensor({2, 2, 1, 1}))
                          .weight("b", randomTensor({2}, 2))
                          .node("Conv", {"x", "w", "b"}, {"c"});
  const auto x = randomTensor({1, 2, 4, 4});
  SECTION("nothing in the way") {
    const auto before = Sketch(sketch).node("Relu", {"c"}, {"y"}).model();
    QuantizationBench bench(before, {{{"x", x}}});
    const auto after = bench.apply(*rule, kVariant, {"c"});
    CHECK(after.opset() == 11);
    CHECK(executedTypesOf(after).at("QLinearConv") == 1);
    CHECK(outputCosine(before, after, {{"x", x}}) > 0.995);
  }
  SECTION("Clip and Pad took attributes then, which become inputs") {
    const auto before = Sketch(sketch)
                            .node("Clip", {"c"}, {"clipped"}, {{"min", -0.5f}, {"max", 0.25f}})
                            .node("Clip", {"clipped"}, {"below"}, {{"max", 0.2f}})
                            .node("Pad", {"below"}, {"y"}, {{"pads", Ints{0, 0, 1, 1, 0, 0, 0, 2}}, {"value", 3.0f}})
                            .model();
    QuantizationBench bench(before, {{{"x", x}}});
    const auto after = bench.apply(*rule, kVariant, {"c"});
    CHECK(executedTypesOf(after).at("QLinearConv") == 1);
    CHECK(outputCosine(before, after, {{"x", x}}) > 0.999);
  }
  SECTION("Slice took attributes then") {
    const auto before =
        Sketch(sketch).node("Slice", {"c"}, {"y"}, {{"starts", Ints{0}}, {"ends", Ints{1}}, {"axes", Ints{1}}}).model();
    QuantizationBench bench(before, {{{"x", x}}});
    CHECK(bench.find(*rule).empty());
    REQUIRE(bench.nearMisses().size() == 1);
    bench.apply(*rule, {.rule = "quantize-static", .variant = kVariant, .places = {"c"}}, 0);
  }
}

TEST_CASE("quantize-static can use int8 activations") {
  const auto before = residual().model();
  QuantizationBench bench(before, {image(1, 1), image(1, 2)});
  const auto after = bench.apply(*rule, "s8s8-qdq", kAll);
  // On x86 the engine turns some int8 tensors into uint8 ones and then leaves the convolution behind MaxPool in floats.
  CHECK(executedTypesOf(after).at("QLinearConv") >= 2);
  CHECK(outputCosine(before, after, image(1, 8)) > 0.995);
}

TEST_CASE("quantize-static rewrites any subset of the places") {
  const auto before = residual().model();
  QuantizationBench bench(before, {image(1, 1), image(1, 2)});
  for (const auto& places : std::vector<std::vector<std::string>>{{"c1"}, {"c2"}, {"c1", "c3"}, {"y"}, {"c2", "c3"}}) {
    INFO(fmt::format("{} and {} in all", places.front(), places.size()));
    const auto after = bench.apply(*rule, kVariant, places);
    const auto counts = executedTypesOf(after);
    const int convolutions = static_cast<int>(places.size()) - (places.back() == "y");
    // At least: the engine takes a float convolution between quantized tensors along, weights and all.
    CHECK((convolutions == 0 || counts.at("QLinearConv") >= convolutions));
    CHECK(outputCosine(before, after, image(1, 8)) > 0.995);
  }
  bench.apply(*rule, {.rule = "quantize-static", .variant = kVariant, .places = {"s", "gone"}}, 0);
}

TEST_CASE("quantize-static keeps graph outputs in the middle of what it quantizes") {
  const auto before = residual().output("r1").output("c3").output("p").model();
  QuantizationBench bench(before, {image(1, 1), image(1, 2)});
  const auto after = bench.apply(*rule, kVariant, kAll);
  CHECK(outputCosine(before, after, image(1, 8)) > 0.995);
}

TEST_CASE("quantize-static quantizes grouped, depthwise, dilated and one-dimensional convolutions") {
  const auto check = [](Sketch sketch, const graph::Dims& x) {
    const auto before = sketch.input("x", x).output("y").model();
    QuantizationBench bench(before, {{{"x", randomTensor(x, 1)}}, {{"x", randomTensor(x, 2)}}});
    const auto after = bench.apply(*rule, kVariant, {"y"});
    CHECK(executedTypesOf(after).at("QLinearConv") == 1);
    CHECK(outputCosine(before, after, {{"x", randomTensor(x, 3)}}) > 0.995);
  };
  check(Sketch().weight("w", randomTensor({8, 2, 3, 3})).node("Conv", {"x", "w"}, {"y"}, {{"group", int64_t{4}}}),
        {1, 8, 9, 9});
  check(Sketch().weight("w", randomTensor({8, 1, 3, 3})).node("Conv", {"x", "w"}, {"y"}, {{"group", int64_t{8}}}),
        {1, 8, 9, 9});
  check(Sketch()
            .weight("w", randomTensor({4, 3, 3, 3}))
            .node("Conv", {"x", "w"}, {"y"}, {{"dilations", Ints{2, 2}}, {"strides", Ints{2, 2}}}),
        {2, 3, 11, 11});
  check(Sketch().weight("w", randomTensor({4, 3, 5})).node("Conv", {"x", "w"}, {"y"}), {1, 3, 32});
}

TEST_CASE("quantize-static keeps biases that are large beside their weights") {
  const auto x = randomTensor({1, 2, 4, 4});
  const auto before = Sketch()
                          .input("x", {1, 2, 4, 4})
                          .output("y")
                          // A channel of zeros, and one whose natural scale would put its bias beyond int32.
                          .weight("w", floats({3, 2, 1, 1}, {0, 0, 1e-9f, 1e-9f, 1, -1}))
                          .weight("b", floats({3}, {5, 100, 0.5f}))
                          .node("Conv", {"x", "w", "b"}, {"y"})
                          .model();
  QuantizationBench bench(before, {{{"x", x}}});
  const auto after = bench.apply(*rule, kVariant, {"y"});
  CHECK(outputDifference(before, after, {{"x", x}}, 0.3) == "");  // half a step of the output's scale, 0.4
}

TEST_CASE("quantize-static quantizes a shared weight once") {
  const auto before = Sketch()
                          .input("x", {1, 4, 6, 6})
                          .output("y")
                          .weight("w", randomTensor({4, 4, 1, 1}))
                          .node("Conv", {"x", "w"}, {"a"})
                          .node("Conv", {"a", "w"}, {"y"})
                          .model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 4, 6, 6})}}});
  const auto after = bench.apply(*rule, kVariant, {"a", "y"});
  // x, a and y in pairs, and one weight.
  CHECK(operatorsOf(after) == Operators{{"Conv", 2}, {"QuantizeLinear", 3}, {"DequantizeLinear", 4}});
  CHECK(outputCosine(before, after, {{"x", randomTensor({1, 4, 6, 6})}}) > 0.995);
}

TEST_CASE("quantize-static leaves operators alone whose values have no range") {
  // Log of a normal variable is NaN half of the time; the first convolution has nothing to do with that.
  const auto before = Sketch()
                          .input("x", {1, 2, 4, 4})
                          .output("y")
                          .output("a")
                          .weight("w", randomTensor({2, 2, 1, 1}))
                          .node("Conv", {"x", "w"}, {"a"})
                          .node("Log", {"x"}, {"l"})
                          .node("Conv", {"l", "w"}, {"y"})
                          .model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 2, 4, 4})}}});
  const auto after = bench.apply(*rule, {.rule = "quantize-static", .variant = kVariant, .places = {"a", "y"}}, 1);
  CHECK(operatorsOf(after) == Operators{{"Conv", 2}, {"Log", 1}, {"QuantizeLinear", 2}, {"DequantizeLinear", 3}});
}

TEST_CASE("quantize-static takes ranges anew after batch normalization is folded under the same names") {
  auto before = Sketch()
                    .input("x", {1, 2, 4, 4})
                    .output("y")
                    .weight("w", randomTensor({2, 2, 1, 1}))
                    .weight("s", floats({2}, {50, 20}))
                    .weight("z", floats({2}, {0, 0}))
                    .weight("v", floats({2}, {1, 1}))
                    .node("Conv", {"x", "w"}, {"c"})
                    .node("BatchNormalization", {"c", "s", "z", "z", "v"}, {"n"})
                    .node("Relu", {"n"}, {"r"})
                    .node("Sigmoid", {"r"}, {"y"})
                    .model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 2, 4, 4})}}});
  bench.apply(*rule, kVariant, {"c"});  // sees the range of c before folding
  auto folded = before.clone();
  graph::Graph graph(folded);
  const auto fold = advisor::makeFoldBatchNormRule();
  const auto subject = bench.subject();
  const auto places = fold->find(graph, subject, nullptr);
  REQUIRE(places.has_value());
  REQUIRE(fold->apply(graph, places->front(), subject) == 1);
  REQUIRE(rule->apply(graph, {.rule = "quantize-static", .variant = kVariant, .places = {"c"}}, subject) == 1);
  CHECK(executedTypesOf(folded).at("QLinearConv") == 1);
  CHECK(outputCosine(before, folded, {{"x", randomTensor({1, 2, 4, 4})}}) > 0.999);
}

TEST_CASE("quantize-static tells what stands in the way") {
  const auto before =
      Sketch().input("x", {1, 2, 4, 4}).input("k", {2, 2, 1, 1}).output("y").node("Conv", {"x", "k"}, {"y"}).model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 2, 4, 4})}, {"k", randomTensor({2, 2, 1, 1})}}});
  CHECK(bench.find(*rule).empty());
  REQUIRE(bench.nearMisses().size() == 1);
  CHECK(bench.nearMisses().front().why == "Conv: the weight is not a float32 constant");
  bench.apply(*rule, {.rule = "quantize-static", .variant = kVariant, .places = {"y"}}, 0);
}

TEST_CASE("quantize-static proposes what pays: small losers go along, large ones only in a variant of their own") {
  using namespace advisor::quantization;
  const auto before = Sketch()
                          .input("x", {1, 4, 8, 8})
                          .output("y")
                          .weight("w1", randomTensor({4, 4, 1, 1}))
                          .weight("w2", randomTensor({4, 4, 3, 3}))
                          .weight("w3", randomTensor({4, 1, 3, 3}))
                          .node("Conv", {"x", "w1"}, {"a"})
                          .node("Conv", {"a", "w2"}, {"b"}, kSamePad)
                          .node("Conv", {"b", "w3"}, {"y"}, {{"group", int64_t{4}}})
                          .model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 4, 8, 8})}}});
  bench.times() = {{"a", 1.0}, {"b", 4.0}, {"y", 2.0}};
  const auto assume = [&](int node, double f32, double u8, double s8) {
    assumeTimes(bench, before, node, {1, 4, 8, 8}, {f32, u8, s8});
  };
  const auto variants = [&] {
    Operators result;
    for (const auto& o : bench.find(*rule)) result[o.variant] = static_cast<int>(o.places.size());
    return result;
  };
  assume(0, 1, 1.1, 5);
  assume(1, 1, 0.25, 5);
  assume(2, 1, 2, 5);
  CHECK(variants() == Operators{{"u8s8-qdq", 2}, {"u8s8-qdq-all", 3}});
  const auto best = bench.find(*rule).front();
  CHECK(best.places == std::vector<std::string>{"b", "a"});  // what takes most time first
  CHECK(best.predictedGainMs == Approx(4.0 * 0.75 - 1.0 * 0.1));
  CHECK(best.target == "2 Conv");
  CHECK(best.evidence[0] == "Conv 1x4x8x8 by 4x4x3x3: 1.00 ms as float32, 250 us as u8s8 (1 of them)");
  CHECK(rule->info().after == std::vector<std::string>{"fold-constants", "fold-batch-norm"});

  bench.setLatency(7);
  bench.times()["a"] = 0.001;  // too little to time: no reason to leave the integers
  CHECK(bench.find(*rule).front().places == std::vector<std::string>{"b", "a"});
  bench.times()["a"] = 1;

  assume(2, 1, 5, 5);  // now all together would lose
  CHECK(variants() == Operators{{"u8s8-qdq", 2}});

  assume(1, 1, 0.5, 0.25);
  assume(0, 1, 0.5, 0.25);
  assume(2, 1, 0.5, 0.25);
  CHECK(variants() == Operators{{"u8s8-qdq", 3}, {"s8s8-qdq", 3}});

  assume(0, 1, 3, 3);
  assume(1, 1, 3, 3);
  assume(2, 1, 3, 3);
  CHECK(variants().empty());
}

TEST_CASE("quantize-static leaves a convolution of nothing alone, and takes the one behind it for itself") {
  const auto before = Sketch()
                          .input("x", {1, 4, 8, 8})
                          .output("n")
                          .output("y")
                          .weight("none", ints({0}))
                          .weight("w1", randomTensor({4, 4, 1, 1}))
                          .weight("w2", randomTensor({4, 4, 3, 3}))
                          .node("Slice", {"x", "none", "none"}, {"s"})
                          .node("Conv", {"s", "w1"}, {"n"})
                          .node("Conv", {"x", "w2"}, {"y"}, kSamePad)
                          .model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 4, 8, 8})}}});
  bench.times() = {{"n", 1.0}, {"y", 1.0}};
  assumeTimes(bench, before, 2, {1, 4, 8, 8}, {1, 0.25, 5});
  CHECK(bench.find(*rule).front().places == std::vector<std::string>{"y"});
}

TEST_CASE("quantize-static counts with what taking groups together wins") {
  const auto before = Sketch()
                          .input("x", {1, 8, 8, 8})
                          .output("y")
                          .weight("w", randomTensor({8, 2, 3, 3}))
                          .node("Conv", {"x", "w"}, {"y"}, {{"group", int64_t{4}}})
                          .model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 8, 8, 8})}}});
  bench.times() = {{"y", 1.0}};
  assumeTimes(bench, before, 0, {1, 8, 8, 8}, {1, 2, -1});
  const std::string slices = "Conv u8s8 1x8x8x8 W8x2x3x3 group=4 in slices of ";
  bench.kernels().assume(slices + "32", 0.5);
  bench.kernels().assume(slices + "64", -1);
  const auto found = bench.find(*rule);
  REQUIRE(found.size() == 1);
  CHECK(found[0].predictedGainMs == Approx(0.5));
  bench.kernels().assume(slices + "32", 3);
  CHECK(bench.find(*rule).empty());
}

TEST_CASE("quantize-static runs a small network to see what it gains, where it may") {
  const auto before = Sketch()
                          .input("x", {1, 4, 8, 8})
                          .output("y")
                          .weight("w", randomTensor({4, 4, 3, 3}))
                          .node("Conv", {"x", "w"}, {"y"}, kSamePad)
                          .model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 4, 8, 8})}}});
  bench.times() = {{"y", 1000.0}};  // so that more is promised than can come true
  assumeTimes(bench, before, 0, {1, 4, 8, 8}, {1, 0.01, 1});
  const auto promised = bench.find(*rule);
  REQUIRE(promised.size() == 1);
  CHECK(promised[0].predictedGainMs > 900);
  CHECK_FALSE(promised[0].looked);
  bench.letLook(60);
  const auto seen = bench.find(*rule);
  if (seen.empty()) {  // it is no faster here
    REQUIRE(bench.nearMisses().size() == 1);
    CHECK_THAT(bench.nearMisses()[0].why, Catch::Contains("u8s8-qdq: a short look: "));
  } else {
    CHECK(seen[0].looked);
    CHECK(seen[0].predictedGainMs < 900);
    CHECK_THAT(seen[0].evidence.front(), Catch::StartsWith("a short look: "));
  }
}
