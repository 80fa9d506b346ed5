#include "advisor/rules/regroup_convolutions.h"
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

const auto rule = advisor::makeRegroupConvolutionsRule();

struct Form {
  int64_t groups = 10, channels = 4, outputs = 3;  // of a group
  bool bias = true, shared = false;
  std::string behind = "Relu";
  int64_t opset = 17;
  int8_t zero = 0;  // of the weights
  int64_t inputs() const { return groups * channels; }
};

template <class T>
Tensor integers(DataType type, Dims dims, int64_t most) {
  Tensor t(type, std::move(dims));
  auto values = t.as<T>();
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<T>(static_cast<int64_t>(i * 29 + 5) % (2 * most + 1) - most);
  }
  return t;
}

Tensor scales(int64_t count, float around) {
  Tensor t(DataType::Float, {count});
  auto values = t.as<float>();
  for (size_t i = 0; i < values.size(); ++i) values[i] = around * (1 + 0.1F * static_cast<float>(i % 7));
  return t;
}

graph::Model model(const Form& form) {
  const int64_t outputs = form.groups * form.outputs;
  const std::string domain = form.opset < 13 ? "com.microsoft" : "";  // ONNX's own has one scale only before
  Sketch s(form.opset);
  s.input("x", {-1, form.inputs(), 6, 5}).output("y");
  Tensor zero(DataType::Uint8, {});
  zero.as<uint8_t>()[0] = 131;
  s.weight("s", Tensor::scalar(0.02F)).weight("z", zero);
  s.weight("w", integers<int8_t>(DataType::Int8, {outputs, form.channels, 3, 3}, 127));
  s.weight("ws", form.shared ? Tensor::scalar(0.01F) : scales(outputs, 0.01F));
  Tensor zeros(DataType::Int8, form.shared ? Dims{} : Dims{outputs});
  std::ranges::fill(zeros.as<int8_t>(), form.zero);
  s.weight("wz", zeros);
  s.node("QuantizeLinear", {"x", "s", "z"}, {"q"}).node("DequantizeLinear", {"q", "s", "z"}, {"d"});
  s.node("DequantizeLinear", {"w", "ws", "wz"}, {"wd"}, {{"axis", int64_t{0}}}, domain);
  Ints pads{1, 1, 1, 1};
  std::vector<std::string> inputs{"d", "wd"};
  if (form.bias) {
    auto biasScales = scales(outputs, 0.01F);
    for (float& v : biasScales.as<float>()) v *= 0.02F;
    s.weight("b", integers<int32_t>(DataType::Int32, {outputs}, 3000)).weight("bs", biasScales);
    s.weight("bz", Tensor(DataType::Int32, {outputs}));
    s.node("DequantizeLinear", {"b", "bs", "bz"}, {"bd"}, {{"axis", int64_t{0}}}, domain);
    inputs.push_back("bd");
  }
  s.node("Conv", inputs, {"c"}, {{"pads", pads}, {"group", form.groups}, {"kernel_shape", Ints{3, 3}}});
  // What is below zero cannot be said behind a Relu, which then is in the rounding.
  Tensor least(DataType::Uint8, {});
  least.as<uint8_t>()[0] = form.behind == "Relu" ? 0 : 131;
  s.weight("rs", Tensor::scalar(0.05F)).weight("rz", least);
  if (form.behind == "Relu") s.node("Relu", {"c"}, {"r"});
  if (form.behind == "Tanh") return s.node("Tanh", {"c"}, {"y"}).model();
  s.node("QuantizeLinear", {form.behind == "Relu" ? "r" : "c", "rs", "rz"}, {"rq"});
  return s.node("DequantizeLinear", {"rq", "rs", "rz"}, {"y"}).model();
}

engine::NamedTensors image(const Form& form, int64_t batch = 2) {
  return {{"x", randomTensor({batch, form.inputs(), 6, 5}, 7)}};
}

std::string keyOf(const Form& form) {
  return fmt::format("Conv u8s8 1x{}x6x5 W{}x{}x3x3 group={} kernel_shape=3x3 pads=1x1x1x1", form.inputs(),
                     form.groups * form.outputs, form.channels, form.groups);
}

void assume(QuantizationBench& bench, const Form& form, double grouped, double in32, double in64) {
  bench.kernels().assume(keyOf(form), grouped);
  bench.kernels().assume(keyOf(form) + " in slices of 32", in32);
  bench.kernels().assume(keyOf(form) + " in slices of 64", in64);
}

}  // namespace

TEST_CASE("regroup-convolutions takes groups together and keeps their sums") {
  for (const Form& form :
       {Form{}, Form{.behind = ""}, Form{.bias = false}, Form{.groups = 3, .channels = 2, .outputs = 16},
        Form{.groups = 2, .channels = 48, .outputs = 16}, Form{.zero = 40},
        Form{.groups = 9, .channels = 8, .outputs = 4, .opset = 12}}) {
    CAPTURE(form.groups, form.channels, form.opset);
    const auto before = model(form);
    for (const bool narrow : {true, false}) {
      QuantizationBench bench(before, {image(form, 1)});
      assume(bench, form, 4, narrow ? 1 : 3, narrow ? 3 : 1);
      const auto after = bench.apply(*rule, "", {"c"});
      const int64_t most = std::max<int64_t>(1, (narrow ? 32 : 64) / form.channels);
      const int64_t slices = (form.groups + most - 1) / most;
      const auto operators = operatorsOf(after);
      CHECK(operators.at("Conv") == slices);
      CHECK(operators.count("Split") == (slices > 1 ? 1 : 0));
      CHECK(operators.count("Concat") == (slices > 1 ? 1 : 0));
      CHECK(outputDifference(before, after, image(form), 1e-5) == "");
      CHECK(executedTypesOf(after).at("QLinearConv") == slices);
    }
  }
}

TEST_CASE("regroup-convolutions puts each group's filters on the diagonal") {
  const Form form{.groups = 9};
  const auto before = model(form);
  QuantizationBench bench(before, {image(form, 1)});
  assume(bench, form, 4, 1, 3);
  const auto after = bench.apply(*rule, "", {"c"});
  const auto slice = initializerOf(after, "w_slice");  // of groups 0 to 7; the last is one of its own
  REQUIRE(slice.dims() == Dims{24, 32, 3, 3});
  const auto from = initializerOf(before, "w");
  // Output 4 is the second of group 1, which reads channels 4 to 7.
  for (const int64_t tap : {0, 5, 8}) {
    CHECK(slice.as<int8_t>()[static_cast<size_t>((4 * 32 + 6) * 9 + tap)] ==
          from.as<int8_t>()[static_cast<size_t>((4 * 4 + 2) * 9 + tap)]);
    CHECK(slice.as<int8_t>()[static_cast<size_t>((4 * 32 + 3) * 9 + tap)] == 0);
  }
  CHECK(initializerOf(after, "w_slice_1").dims() == Dims{3, 4, 3, 3});
}

TEST_CASE("regroup-convolutions proposes what is faster") {
  const Form form;
  QuantizationBench bench(model(form), {image(form, 1)});
  assume(bench, form, 4, 3, 1.5);
  const auto found = bench.find(*rule);
  REQUIRE(found.size() == 1);
  CHECK(found[0].predictedGainMs == Approx(2.5));
  CHECK(found[0].evidence ==
        std::vector<std::string>{
            "Conv 1x40x6x5 by 30x4x3x3: 4.00 ms in 10 groups, 1.50 ms in 1 slice of up to 64 channels"});
  assume(bench, form, 4, 3.9, 4.5);
  CHECK(bench.find(*rule).empty());
}

TEST_CASE("regroup-convolutions leaves others alone and says what stood in the way") {
  const auto missed = [](const Form& form) {
    QuantizationBench bench(model(form), {image(form, 1)});
    assume(bench, form, 4, 1, 1);
    CHECK(bench.find(*rule).empty());
    return bench.nearMisses().empty() ? std::string() : bench.nearMisses().front().why;
  };
  CHECK(missed({.behind = "Tanh"}) == "its result is read as floats");
  CHECK(missed({.bias = false, .shared = true}) == "its weights share a scale or are no constants");
  CHECK(missed({.groups = 1, .channels = 8}) == "");
  CHECK(missed({.channels = 1}) == "");
}
