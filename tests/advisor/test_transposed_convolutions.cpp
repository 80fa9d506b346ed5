// Transposed convolutions as plain ones with the blocks they make unfolded, so that they run on integers.
#include "advisor/rules/quantization/transposed_convolutions.h"
#include "advisor/rules/quantize_static.h"
#include "tests/advisor/support/equivalence.h"
#include "tests/advisor/support/quantization.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using Ints = std::vector<int64_t>;

namespace {

const auto rule = advisor::makeQuantizeStaticRule();
const std::string kVariant = "u8s8-qdq";

struct Form {
  Ints kernel{2, 2}, strides{2, 2}, pads{0, 0, 0, 0}, outputPadding{0, 0};
  graph::Dims input{-1, 4, 6, 5};
  int64_t group = 1;
  bool bias = true;
  std::string behind = "Relu";
};

Sketch& addTransposed(Sketch& s, const Form& form, const std::string& x, const std::string& y) {
  const int64_t outputs = 3;
  s.weight("wt", randomTensor({form.input[1], outputs, form.kernel[0], form.kernel[1]}, 5, 0.4F));
  std::vector<std::string> inputs{x, "wt"};
  if (form.bias) {
    s.weight("bt", randomTensor({outputs * form.group}, 6, 0.3F));
    inputs.push_back("bt");
  }
  return s.node("ConvTranspose", inputs, {y},
                {{"kernel_shape", form.kernel},
                 {"strides", form.strides},
                 {"pads", form.pads},
                 {"output_padding", form.outputPadding},
                 {"group", form.group}});
}

graph::Model transposed(const Form& form) {
  Sketch s;
  s.input("x", form.input).output("y");
  if (form.behind.empty()) return addTransposed(s, form, "x", "y").model();
  return addTransposed(s, form, "x", "t").node(form.behind, {"t"}, {"y"}).model();
}

graph::Dims sized(graph::Dims dims, int64_t size = 6) {
  for (auto& d : dims) d = d < 0 ? size : d;
  return dims;
}

std::string missed(const Form& form) {
  QuantizationBench bench(transposed(form), {{{"x", randomTensor(sized(form.input), 1)}}});
  (void)bench.find(*rule);
  REQUIRE(bench.nearMisses().size() == 1);
  return bench.nearMisses().front().why;
}

}  // namespace

TEST_CASE("a transposed convolution unfolds to the kernel and padding worked out by hand") {
  using advisor::unfold;
  const auto plain = unfold({{2, 2}, {2, 2}, {}, {}, {}});
  REQUIRE(plain);
  CHECK(plain->kernel == std::array<int64_t, 2>{1, 1});
  CHECK(plain->padBefore == std::array<int64_t, 2>{0, 0});
  // Rows 0 and 2 of 4 taps with one row cut off: an even output row sums its own input row and the one before, an odd
  // one its own and the next.
  const auto overlapping = unfold({{4, 4}, {2, 2}, {1, 1}, {1, 1}, {}});
  REQUIRE(overlapping);
  CHECK(overlapping->kernel == std::array<int64_t, 2>{3, 3});
  CHECK(overlapping->padBefore == std::array<int64_t, 2>{1, 1});
  CHECK(overlapping->padAfter == std::array<int64_t, 2>{1, 1});
  const auto padded = unfold({{3, 2}, {2, 2}, {1, 0}, {1, 0}, {1, 0}});
  REQUIRE(padded);
  CHECK(padded->kernel == std::array<int64_t, 2>{2, 1});
  CHECK(padded->padBefore == std::array<int64_t, 2>{0, 0});
  CHECK(padded->padAfter == std::array<int64_t, 2>{1, 0});
  CHECK_FALSE(unfold({{3, 3}, {2, 2}, {}, {}, {}}));
}

TEST_CASE("an unfolded transposed convolution computes the same") {
  const std::vector<Form> forms{{},
                                {.bias = false, .behind = ""},
                                {.kernel = {4, 4}, .pads = {1, 1, 1, 1}, .behind = "Sigmoid"},
                                {.kernel = {3, 2}, .pads = {1, 0, 1, 0}, .outputPadding = {1, 0}},
                                {.kernel = {5, 4}, .pads = {2, 1, 1, 1}},
                                {.kernel = {8, 6}, .strides = {4, 3}, .pads = {2, 1, 2, 2}},
                                {.kernel = {3, 3}, .strides = {1, 1}, .pads = {1, 1, 1, 1}},
                                {.kernel = {3, 1}, .strides = {3, 1}},
                                {.input = {2, 4, -1, 5}},
                                {.input = {-1, 4, 6, -1}}};
  for (const auto& form : forms) {
    CAPTURE(form.kernel, form.strides, form.pads, form.input);
    const auto before = transposed(form);
    auto after = before.clone();
    graph::Graph graph(after);
    const auto found = advisor::quantization::allTransposedConvolutions(graph, "rule", nullptr);
    REQUIRE(found.size() == 1);
    REQUIRE(advisor::quantization::writeUnfolded(graph, found.front()));
    graph.removeDead();
    REQUIRE(graph.sort());
    CHECK(operatorsOf(after).count("ConvTranspose") == 0);
    for (const int64_t size : {1, 4}) {
      const engine::NamedTensors inputs{{"x", randomTensor(sized(form.input, size), 9)}};
      CHECK(outputDifference(before, after, inputs, 1e-5) == "");
    }
  }
}

TEST_CASE("quantize-static keeps a decoder's transposed convolution and what meets it in integers") {
  Sketch s;
  s.input("x", {-1, 3, 16, 16}).output("y");
  s.weight("w1", randomTensor({8, 3, 3, 3}, 1, 0.3F)).weight("w2", randomTensor({8, 8, 3, 3}, 2, 0.2F));
  s.weight("w3", randomTensor({4, 11, 1, 1}, 3, 0.3F));
  s.node("Conv", {"x", "w1"}, {"c1"}, {{"pads", Ints{1, 1, 1, 1}}});
  s.node("Conv", {"c1", "w2"}, {"c2"}, {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}});
  addTransposed(s, {.input = {1, 8, 8, 8}}, "c2", "t").node("Relu", {"t"}, {"r"});
  s.node("Concat", {"r", "c1"}, {"both"}, {{"axis", int64_t{1}}}).node("Conv", {"both", "w3"}, {"y"});
  const auto image = [](int64_t batch, uint64_t seed) {
    return engine::NamedTensors{{"x", randomTensor({batch, 3, 16, 16}, seed)}};
  };
  const auto before = s.model();
  QuantizationBench bench(before, {image(1, 1), image(2, 2)});
  const auto after = bench.apply(*rule, kVariant, {"c1", "c2", "t", "y"});
  const auto operators = executedTypesOf(after);
  CHECK(operators.at("QLinearConv") == 4);
  CHECK(operators.at("QLinearConcat") == 1);
  CHECK(operators.at("QuantizeLinear") == 1);
  CHECK(operators.at("DequantizeLinear") == 1);
  CHECK(operators.count("ConvTranspose") == 0);
  // Of the image, of the blocks, of the result.
  CHECK(operators.at("Transpose") == 3);
  CHECK(outputCosine(before, after, image(3, 8)) > 0.995);
}

TEST_CASE("transposed convolutions behind each other unfold at any batch") {
  Sketch s;
  s.input("x", {-1, 3, 6, 5}).output("y");
  addTransposed(s, {.input = {-1, 3, 6, 5}, .behind = ""}, "x", "t");
  s.node("ConvTranspose", {"t", "wt", "bt"}, {"y"}, {{"strides", Ints{2, 2}}});
  const auto before = s.model();
  const auto image = [](int64_t batch, uint64_t seed) {
    return engine::NamedTensors{{"x", randomTensor({batch, 3, 6, 5}, seed)}};
  };
  QuantizationBench bench(before, {image(1, 1), image(2, 2)});
  const auto after = bench.apply(*rule, kVariant, {"t", "y"});
  CHECK(operatorsOf(after).at("Conv") == 2);
  CHECK(outputCosine(before, after, image(3, 8)) > 0.995);
}

TEST_CASE("quantize-static proposes transposed convolutions that win") {
  const Form form{.input = {1, 4, 6, 5}};
  QuantizationBench bench(transposed(form), {{{"x", randomTensor(form.input, 1)}}});
  const auto key = [](const std::string& type) {
    return "ConvTranspose " + type +
           " 1x4x6x5 W4x3x2x2 group=1 kernel_shape=2x2 output_padding=0x0 pads=0x0x0x0 strides=2x2";
  };
  bench.times()["t"] = 2;
  bench.kernels().assume(key("float32"), 2);
  bench.kernels().assume(key("u8s8"), 0.5);
  bench.kernels().assume(key("s8s8"), -1);
  const auto found = bench.find(*rule);
  REQUIRE(found.size() == 1);
  CHECK(found[0].target == "1 ConvTranspose");
  CHECK(found[0].predictedGainMs == Approx(1.5));
  bench.kernels().assume(key("u8s8"), 2.5);
  CHECK(bench.find(*rule).empty());
}

TEST_CASE("quantize-static says what keeps a transposed convolution from integers") {
  CHECK(missed({.kernel = {3, 3}}) ==
        "ConvTranspose: its output is not as many times as large as its input as its stride");
  CHECK(missed({.input = {1, 4, -1, -1}}) ==
        "ConvTranspose: height and width of its input are open; --pin-shapes fixes them");
  CHECK(missed({.group = 2}) == "ConvTranspose: it works in groups of channels");
}
