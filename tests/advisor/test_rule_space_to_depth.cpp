#include "advisor/rules/layout/folded_convolution.h"
#include "advisor/rules/space_to_depth.h"
#include "tests/advisor/support/equivalence.h"
#include "tests/advisor/support/quantization.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::DataType;
using graph::Dims;
using graph::Tensor;

namespace {

const auto rule = advisor::makeSpaceToDepthRule();

Tensor int8Weights(Dims dims) {
  Tensor t(DataType::Int8, std::move(dims));
  auto values = t.as<int8_t>();
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int8_t>((i * 29 + 5) % 255 - 127);
  return t;
}

struct Form {
  int64_t channels = 3, kernel = 7, height = 12, width = 10, stride = 2;
  Dims pads = {3, 3, 3, 3};
  bool readTwice = false, quantized = false;  // the image; the result
  int8_t zero = 0;                            // of the weights
};

graph::Model model(const Form& form) {
  Sketch s;
  s.input("x", {-1, form.channels, form.height, form.width}).output("y");
  Tensor zero(DataType::Uint8, {});
  zero.as<uint8_t>()[0] = 131;
  s.weight("s", Tensor::scalar(0.02F)).weight("z", zero);
  s.weight("w", int8Weights({5, form.channels, form.kernel, form.kernel})).weight("ws", randomTensor({5}, 3, 0.01F));
  Tensor zeros(DataType::Int8, {5});
  std::ranges::fill(zeros.as<int8_t>(), form.zero);
  s.weight("wz", zeros);
  s.node("QuantizeLinear", {"x", "s", "z"}, {"q"}).node("DequantizeLinear", {"q", "s", "z"}, {"d"});
  s.node("DequantizeLinear", {"w", "ws", "wz"}, {"wd"}, {{"axis", int64_t{0}}});
  s.node("Conv", {"d", "wd"}, {"c"},
         {{"strides", Dims{form.stride, form.stride}},
          {"pads", form.pads},
          {"kernel_shape", Dims{form.kernel, form.kernel}}});
  if (form.readTwice) s.output("d2").node("Relu", {"d"}, {"d2"});
  if (form.quantized) {
    return s.node("QuantizeLinear", {"c", "s", "z"}, {"cq"}).node("DequantizeLinear", {"cq", "s", "z"}, {"y"}).model();
  }
  return s.node("Relu", {"c"}, {"y"}).model();
}

engine::NamedTensors image(const Form& form, int64_t batch = 2) {
  return {{"x", randomTensor({batch, form.channels, form.height, form.width}, 7)}};
}

}  // namespace

TEST_CASE("a strided convolution folds to the kernel and padding worked out by hand") {
  // 7 taps around a pixel reach from 3 before it, in the block before the last, to 3 behind it, in the next.
  const auto seven = advisor::fold({3, {224, 224}, {7, 7}, {3, 3}, {3, 3}});
  REQUIRE(seven);
  CHECK(seven->kernel == std::array<int64_t, 2>{4, 4});
  CHECK(seven->padBefore == std::array<int64_t, 2>{2, 2});
  CHECK(seven->padAfter == std::array<int64_t, 2>{1, 1});
  const auto three = advisor::fold({3, {32, 32}, {3, 3}, {0, 1}, {1, 1}});
  REQUIRE(three);
  CHECK(three->kernel == std::array<int64_t, 2>{2, 2});
  CHECK(three->padBefore == std::array<int64_t, 2>{0, 1});
  CHECK_FALSE(advisor::fold({3, {225, 224}, {7, 7}, {3, 3}, {3, 3}}));
}

TEST_CASE("space-to-depth rewrites the head of a network and keeps its sums") {
  for (const Form& form : {Form{}, Form{.kernel = 3, .pads = {1, 1, 1, 1}}, Form{.kernel = 3, .pads = {0, 0, 1, 1}},
                           Form{.channels = 1, .kernel = 5, .pads = {2, 1, 2, 1}},
                           Form{.kernel = 2, .pads = {0, 0, 0, 0}}, Form{.zero = 40}}) {
    CAPTURE(form.kernel, form.pads);
    const auto before = model(form);
    QuantizationBench bench(before, {image(form, 1)});
    const auto after = bench.apply(*rule, "", {"c"});
    CHECK(operatorsOf(after).at("Transpose") == 3);
    CHECK(outputDifference(before, after, image(form), 1e-5) == "");
  }
}

TEST_CASE("space-to-depth hands over the folded image as the engine wants it, channels last") {
  const auto before = model({.quantized = true});
  QuantizationBench bench(before, {image({}, 1)});
  const auto operators = executedTypesOf(bench.apply(*rule, "", {"c"}));
  CHECK(operators.at("QLinearConv") == 1);
  CHECK(operators.at("Transpose") == 3);  // rows, pixels, and the result back
}

TEST_CASE("space-to-depth puts each tap where the folded image has its pixel") {
  const auto before = model({});
  QuantizationBench bench(before, {image({}, 1)});
  const auto after = bench.apply(*rule, "", {"c"});
  const auto folded = initializerOf(after, "w_folded");
  REQUIRE(folded.dims() == Dims{5, 12, 4, 4});
  const auto from = int8Weights({5, 3, 7, 7});
  // Output 1, channel 2, tap (0, 3): 3 rows above the pixel is the lower row, two blocks up; the same column.
  const int8_t tap = from.as<int8_t>()[((1 * 3 + 2) * 7 + 0) * 7 + 3];
  CHECK(folded.as<int8_t>()[((1 * 12 + (0 * 3 + 2) * 2 + 1) * 4 + 0) * 4 + 2] == tap);
  // Nothing reads the upper row two blocks up.
  CHECK(folded.as<int8_t>()[((1 * 12 + (0 * 3 + 2) * 2) * 4 + 0) * 4 + 2] == 0);
}

TEST_CASE("space-to-depth proposes what is faster, folding included") {
  QuantizationBench bench(model({}), {image({}, 1)});
  const std::string before = "Conv u8s8 1x3x12x10 W5x3x7x7 kernel_shape=7x7 pads=3x3x3x3 strides=2x2";
  const std::string after = "Conv u8s8 1x12x6x5 W5x12x4x4 kernel_shape=4x4 pads=2x2x1x1 strides=1x1";
  bench.kernels().assume(before, 2);
  bench.kernels().assume(after, 1);
  // The folding is timed where nothing is known of it: on an image this small it takes next to nothing of a second.
  const auto timed = bench.find(*rule);
  REQUIRE(timed.size() == 1);
  CHECK(timed[0].predictedGainMs > 0);
  bench.kernels().assume("fold 2x2 pixels 1x3x12x10", 0.25);
  const auto found = bench.find(*rule);
  REQUIRE(found.size() == 1);
  CHECK(found[0].predictedGainMs == Approx(0.75));
  bench.kernels().assume("fold 2x2 pixels 1x3x12x10", 0.95);
  CHECK(bench.find(*rule).empty());
}

TEST_CASE("space-to-depth leaves others alone and says what stood in the way") {
  const auto missed = [](const Form& form) {
    QuantizationBench bench(model(form), {image(form, 1)});
    CHECK(bench.find(*rule).empty());
    return bench.nearMisses().empty() ? std::string() : bench.nearMisses().front().why;
  };
  CHECK(missed({.readTwice = true}) == "the quantized image is also read elsewhere");
  CHECK(missed({.height = 13}) == "an image of 13x10 cannot be cut in blocks of 2x2");
  CHECK(missed({.stride = 1}) == "");
  CHECK(missed({.channels = 4}) == "");
}
