#include "advisor/rules/lower_convolutions.h"
#include "tests/advisor/support/equivalence.h"
#include "tests/advisor/support/quantization.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::DataType;
using graph::Dims;
using graph::Tensor;
using Ints = std::vector<int64_t>;

namespace {

const auto rule = advisor::makeLowerConvolutionsRule();

struct Form {
  int64_t groups = 1;
  bool shared = false;    // one scale for all channels
  bool zeroPoint = true;  // else none is written: it is 0
  int least = -127, most = 127;
  std::string behind = "Relu";
  bool qlinear = false;  // QLinearConv, as quantized models were once written
};

constexpr int64_t kChannels = 8, kOutputs = 6;

Tensor weights(const Form& form) {
  Tensor t(DataType::Int8, {kOutputs, kChannels / form.groups, 3, 3});
  auto values = t.as<int8_t>();
  const int range = form.most - form.least + 1;
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<int8_t>(form.least + static_cast<int>(i * 29) % range);
  }
  values[3] = static_cast<int8_t>(form.least), values[4] = static_cast<int8_t>(form.most);
  return t;
}

Tensor uint8(uint8_t value) {
  Tensor zero(DataType::Uint8, {});
  zero.as<uint8_t>()[0] = value;
  return zero;
}

graph::Model model(const Form& form) {
  Sketch s;
  s.input("x", {-1, kChannels, 6, 5}).output("y").weight("s", Tensor::scalar(0.02F)).weight("z", uint8(131));
  s.weight("w", weights(form)).weight("rs", Tensor::scalar(0.05F)).weight("rz", uint8(form.behind == "Relu" ? 0 : 131));
  s.weight("ws", form.shared ? Tensor::scalar(0.01F) : randomTensor({kOutputs}, 3, 0.01F));
  s.weight("wz", Tensor(DataType::Int8, form.shared ? Dims{} : Dims{kOutputs}));
  s.node("QuantizeLinear", {"x", "s", "z"}, {"q"});
  const std::vector<std::pair<std::string, graph::AttributeValue>> geometry{
      {"pads", Ints{1, 1, 1, 1}}, {"group", form.groups}, {"kernel_shape", Ints{3, 3}}};
  if (form.qlinear) {
    s.node("QLinearConv", {"q", "s", "z", "w", "ws", "wz", "rs", "rz"}, {"rq"}, geometry);
    return s.node("DequantizeLinear", {"rq", "rs", "rz"}, {"y"}).model();
  }
  s.node("DequantizeLinear", {"q", "s", "z"}, {"d"});
  std::vector<std::string> dequantized{"w", "ws"};
  if (form.zeroPoint) dequantized.emplace_back("wz");
  s.node("DequantizeLinear", dequantized, {"wd"}, {{"axis", int64_t{0}}});
  s.node("Conv", {"d", "wd"}, {"c"}, geometry);
  if (form.behind == "Tanh") return s.node("Tanh", {"c"}, {"y"}).model();
  if (form.behind == "Relu") s.node("Relu", {"c"}, {"r"});
  s.node("QuantizeLinear", {form.behind == "Relu" ? "r" : "c", "rs", "rz"}, {"rq"});
  return s.node("DequantizeLinear", {"rq", "rs", "rz"}, {"y"}).model();
}

engine::NamedTensors image(int64_t batch = 2) { return {{"x", randomTensor({batch, kChannels, 6, 5}, 7)}}; }

void assume(QuantizationBench& bench, double direct, double lowered) {
  const std::string key = "Conv u8s8 1x8x6x5 W6x8x3x3 group=1 kernel_shape=3x3 pads=1x1x1x1";
  bench.kernels().assume(key, direct);
  bench.kernels().assume(key + " lowered", lowered);
}

}  // namespace

TEST_CASE("lower-convolutions moves weights and their zero points, and keeps the sums") {
  for (const Form& form : {Form{}, Form{.shared = true}, Form{.zeroPoint = false}, Form{.behind = ""},
                           Form{.least = -128, .most = 126}, Form{.qlinear = true}}) {
    CAPTURE(form.shared, form.zeroPoint, form.behind, form.least, form.qlinear);
    const auto before = model(form);
    QuantizationBench bench(before, {image(1)});
    assume(bench, 2, 1);
    const auto found = bench.find(*rule);
    REQUIRE(found.size() == 1);
    const auto after = bench.apply(*rule, found[0], 1);
    // As it would be written by hand: another integer stands for zero, and each weight is as far from it as before.
    const auto moved = initializerOf(after, "w_moved"), zeros = initializerOf(after, "w_moved_zero_points");
    const int by = form.least == -128 ? 1 : -1;
    CHECK(zeros.dims() == (form.shared ? Dims{} : Dims{kOutputs}));
    for (const int8_t zero : zeros.as<int8_t>()) CHECK(zero == by);
    const auto from = weights(form);
    bool same = moved.dims() == from.dims();
    for (size_t i = 0; i < from.as<int8_t>().size() && same; ++i) {
      same = moved.as<int8_t>()[i] == from.as<int8_t>()[i] + by;
    }
    CHECK(same);
    CHECK(outputDifference(before, after, image(), 0) == "");
    CHECK(executedTypesOf(after).at("QLinearConv") == 1);
  }
}

TEST_CASE("lower-convolutions leaves weights that others read as they are for them") {
  Sketch s;
  s.input("x", {1, kChannels, 6, 5})
      .output("y")
      .output("y2")
      .weight("s", Tensor::scalar(0.02F))
      .weight("z", uint8(131));
  s.weight("w", weights({})).weight("ws", Tensor::scalar(0.01F)).weight("wz", Tensor(DataType::Int8, {}));
  s.node("QuantizeLinear", {"x", "s", "z"}, {"q"}).node("DequantizeLinear", {"q", "s", "z"}, {"d"});
  s.node("DequantizeLinear", {"w", "ws", "wz"}, {"wd"});
  s.node("Conv", {"d", "wd"}, {"c"}, {{"pads", Ints{1, 1, 1, 1}}, {"group", int64_t{1}}, {"kernel_shape", Ints{3, 3}}});
  s.node("QuantizeLinear", {"c", "s", "z"}, {"rq"}).node("DequantizeLinear", {"rq", "s", "z"}, {"y"});
  const auto before = s.node("Relu", {"wd"}, {"y2"}).model();
  QuantizationBench bench(before, {image(1)});
  assume(bench, 2, 1);
  const auto after = bench.apply(*rule, "", {"c"});
  CHECK(operatorsOf(after).at("DequantizeLinear") == 4);
  CHECK(initializerOf(after, "w").as<int8_t>()[0] == weights({}).as<int8_t>()[0]);
  CHECK(outputDifference(before, after, image(1), 0) == "");
}

TEST_CASE("lower-convolutions proposes what is faster") {
  QuantizationBench bench(model({}), {image(1)});
  assume(bench, 0.5, 0.3);
  const auto found = bench.find(*rule);
  REQUIRE(found.size() == 1);
  CHECK(found[0].predictedGainMs == Approx(0.2));
  CHECK(found[0].evidence ==
        std::vector<std::string>{
            "Conv 1x8x6x5 by 6x8x3x3: 500 us convolved, 300 us as a product of matrices (1 of them)"});
  assume(bench, 0.5, 0.49);
  CHECK(bench.find(*rule).empty());
}

TEST_CASE("lower-convolutions leaves others alone and says what stood in the way") {
  const auto missed = [](const Form& form) {
    QuantizationBench bench(model(form), {image(1)});
    assume(bench, 2, 1);
    CHECK(bench.find(*rule).empty());
    return bench.nearMisses().empty() ? std::string() : bench.nearMisses().front().why;
  };
  CHECK(missed({.behind = "Tanh"}) == "its result is read as floats");
  CHECK(missed({.least = -128}) == "its weights use all of INT8's values");
  CHECK(missed({.groups = 2}) == "");
}
