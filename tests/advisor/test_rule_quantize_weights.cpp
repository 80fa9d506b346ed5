#include "advisor/rules/quantization/forms.h"
#include "advisor/rules/quantization/weights.h"
#include "advisor/rules/quantize_dynamic.h"
#include "advisor/rules/quantize_static.h"
#include "advisor/rules/quantize_weights.h"
#include "tests/advisor/support/equivalence.h"
#include "tests/advisor/support/quantization.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto rule = advisor::makeQuantizeWeightsRule();

Sketch product(int64_t k, int64_t n) {
  return Sketch()
      .input("x", {-1, k})
      .output("y")
      .weight("w", randomTensor({k, n}, 3))
      .weight("b", randomTensor({n}, 4))
      .node("MatMul", {"x", "w"}, {"m"})
      .node("Add", {"m", "b"}, {"y"});
}

std::string formKey(const std::string& form, const std::string& shape) { return "MatMulNBits " + form + " " + shape; }

}  // namespace

TEST_CASE("block quantization packs values as the engine reads them") {
  // K = 18 in blocks of 16: the second block has two weights and padding.
  std::vector<float> column(18, 0.0f);
  column[0] = -8;  // the extreme of block 0: scale 1
  column[1] = 7;
  column[15] = 3;
  column[16] = 16;  // the extreme of block 1, positive: scale -2
  column[17] = -6;
  const auto q = advisor::quantization::quantizeBlocks(floats({18, 1}, column), false, 4, 16);
  REQUIRE(q);
  CHECK(q->values.dims() == graph::Dims{1, 2, 8});
  const auto scales = q->scales.toFloats();
  CHECK(scales == std::vector<float>{1, -2});
  const auto bytes = q->values.as<uint8_t>();
  CHECK(bytes[0] == (0 | (15 << 4)));  // -8 and 7 above the zero point of 8
  CHECK(bytes[7] == (8 | (11 << 4)));  // 0 and 3
  CHECK(bytes[8] == (0 | (11 << 4)));  // 16 = -2 * (0 - 8), -6 = -2 * (11 - 8)
  for (int i = 9; i < 16; ++i) CHECK(bytes[static_cast<size_t>(i)] == 0x88);

  const auto wide = advisor::quantization::quantizeBlocks(floats({1, 18}, column), true, 8, 16);
  REQUIRE(wide);
  CHECK(wide->values.dims() == graph::Dims{1, 2, 16});
  CHECK(wide->scales.toFloats() == std::vector<float>{0.0625f, -0.125f});
  CHECK(wide->values.as<uint8_t>()[0] == 0);
  CHECK(wide->values.as<uint8_t>()[1] == 240);  // 7 / 0.0625 + 128
  CHECK(wide->values.as<uint8_t>()[31] == 128);
}

TEST_CASE("block quantization refuses what it cannot represent, and takes zeros") {
  using advisor::quantization::quantizeBlocks;
  CHECK_FALSE(quantizeBlocks(floats({2, 1}, {1, INFINITY}), false, 4, 16));
  CHECK_FALSE(quantizeBlocks(floats({2, 1}, {1, NAN}), false, 8, 16));
  CHECK_FALSE(quantizeBlocks(floats({2}, {1, 2}), false, 4, 16));
  CHECK_FALSE(quantizeBlocks(ints({1, 2}), false, 4, 16));
  const auto zeros = quantizeBlocks(floats({3, 2}, {0, 0, 0, 0, 0, 0}), false, 4, 16);
  REQUIRE(zeros);
  for (const auto byte : zeros->values.as<uint8_t>()) CHECK(byte == 0x88);
}

TEST_CASE("quantize-weights rewrites a product and its bias into MatMulNBits") {
  const auto before = product(64, 8).model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 64})}}});
  const auto after = bench.apply(*rule, "b4-k32", {"m"});
  const auto quantized = advisor::quantization::quantizeBlocks(randomTensor({64, 8}, 3), false, 4, 32);
  REQUIRE(quantized);
  auto expected = Sketch()
                      .input("x", {-1, 64})
                      .output("y")
                      .weight("q", quantized->values)
                      .weight("s", quantized->scales)
                      .weight("b", randomTensor({8}, 4))
                      .node("MatMulNBits", {"x", "q", "s", "", "", "b"}, {"y"},
                            {{"K", int64_t{64}},
                             {"N", int64_t{8}},
                             {"bits", int64_t{4}},
                             {"block_size", int64_t{32}},
                             {"accuracy_level", int64_t{4}}},
                            "com.microsoft")
                      .model();
  expected.requireOpset("com.microsoft", 1);
  REQUIRE(difference(after, expected) == "");
}

TEST_CASE("quantize-weights stays close in every variant, for every shape and any number of rows") {
  for (const auto& [k, n] : std::vector<std::pair<int64_t, int64_t>>{{256, 32}, {100, 7}, {33, 1}, {1, 5}, {300, 64}}) {
    const auto before = product(k, n).model();
    QuantizationBench bench(before, {{{"x", randomTensor({1, k})}}});
    for (const char* variant : {"b8-k32", "b8-k128", "b4-k32", "b4-k64", "b4-k128", "b4-k256"}) {
      INFO(variant << " " << k << "x" << n);
      const auto after = bench.apply(*rule, variant, {"m"});
      CHECK(operatorsOf(after) == std::map<std::string, int>{{"com.microsoft.MatMulNBits", 1}});
      const double least = variant[1] == '8' ? 0.9995 : 0.98;
      CHECK(outputCosine(before, after, {{"x", randomTensor({1, k}, 9)}}) > least);
      CHECK(outputCosine(before, after, {{"x", randomTensor({17, k}, 10)}}) > least);
    }
  }
}

TEST_CASE("quantize-weights quantizes a transposed weight as the plain one") {
  const auto turned = Sketch()
                          .input("x", {2, 48})
                          .output("y")
                          .weight("w", randomTensor({5, 48}))
                          .weight("b", randomTensor({5}))
                          .node("Gemm", {"x", "w", "b"}, {"y"}, {{"transB", int64_t{1}}, {"alpha", 2.0f}})
                          .model();
  QuantizationBench bench(turned, {{{"x", randomTensor({2, 48})}}});
  const auto after = bench.apply(*rule, "b8-k32", {"y"});
  CHECK(outputCosine(turned, after, {{"x", randomTensor({2, 48}, 2)}}) > 0.9995);
}

TEST_CASE("quantize-weights proposes a coarser form only where it wins more") {
  const std::string shape = "M1 K256 N64 bias";
  const auto before = product(256, 64).model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 256})}}});
  bench.times() = {{"m", 9.0}, {"y", 1.0}};
  bench.kernels().assume("MatMul float32 " + shape, 10);
  const auto variants = [&](const std::map<std::string, double>& times) {
    for (const auto& [form, ms] : times) bench.kernels().assume(formKey(form, shape), ms);
    std::vector<std::string> names;
    for (const auto& o : bench.find(*rule)) names.push_back(o.variant);
    return names;
  };
  using Names = std::vector<std::string>;
  CHECK(variants({{"b8 k32", 5}, {"b8 k128", 4}, {"b4 k32", 6}, {"b4 k64", 3}, {"b4 k128", 2.95}, {"b4 k256", -1}}) ==
        Names{"b8-k32", "b8-k128", "b4-k64"});
  CHECK(bench.find(*rule).back().predictedGainMs == Approx(10 * 0.7));
  // Of more than four, those that win least are dropped.
  CHECK(variants({{"b8 k32", 6}, {"b8 k128", 5}, {"b4 k32", 4}, {"b4 k64", 3}, {"b4 k128", 2}, {"b4 k256", 1}}) ==
        Names{"b4-k32", "b4-k64", "b4-k128", "b4-k256"});
  CHECK(variants({{"b8 k32", 12}, {"b8 k128", 9.9}, {"b4 k32", 11}, {"b4 k64", 10}, {"b4 k128", 10}, {"b4 k256", 30}})
            .empty());
}

TEST_CASE("quantize-weights rewrites the places asked for and no others") {
  const auto before = Sketch()
                          .input("x", {1, 32})
                          .output("y")
                          .weight("w1", randomTensor({32, 32}))
                          .weight("w2", randomTensor({32, 32}, 2))
                          .node("MatMul", {"x", "w1"}, {"a"})
                          .node("MatMul", {"a", "w2"}, {"y"})
                          .model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 32})}}});
  CHECK(operatorsOf(bench.apply(*rule, "b4-k32", {"y"})) ==
        std::map<std::string, int>{{"MatMul", 1}, {"com.microsoft.MatMulNBits", 1}});
}

TEST_CASE("quantize-weights knows its variants") {
  auto model = product(32, 4).model();
  QuantizationBench bench(model, {{{"x", randomTensor({1, 32})}}});
  graph::Graph graph(model);
  const auto result =
      rule->apply(graph, {.rule = "quantize-weights", .variant = "b3-k7", .places = {"m"}}, bench.subject());
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::Internal);
}

TEST_CASE("quantize-weights offers every form where size is the goal, whatever its speed") {
  const auto before = product(256, 64).model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 256})}}});
  auto subject = bench.subject();
  subject.goal = advisor::Goal::Size;
  auto copy = before.clone();
  graph::Graph graph(copy);
  const auto found = rule->find(graph, subject, nullptr);
  REQUIRE(found);
  CHECK(found->size() == 6);
  CHECK(found->front().variant == "b8-k32");
  CHECK(found->front().places == std::vector<std::string>{"m"});
  CHECK(found->front().evidence.front() == "their weights take 65.5 kB as float32, 18.4 kB so");
}

TEST_CASE("quantize-weights says why it leaves a product") {
  const auto before = Sketch()
                          .input("x", {2, 32})
                          .input("w", {32, 4})
                          .output("y")
                          .node("MatMul", {"x", "w"}, {"y"})
                          .weight("v", randomTensor({1, 32, 4}))
                          .output("z")
                          .node("MatMul", {"x", "v"}, {"z"})
                          .model();
  QuantizationBench bench(before, {{{"x", randomTensor({2, 32})}, {"w", randomTensor({32, 4})}}});
  CHECK(bench.find(*rule).empty());
  REQUIRE(bench.nearMisses().size() == 1);
  CHECK(bench.nearMisses().front().place == "z");
}

TEST_CASE("quantize-weights narrows products that are on INT8 already, where that is faster") {
  const bool dynamic = GENERATE(false, true);
  const auto floats = product(512, 64).model();
  const engine::NamedTensors sample{{"x", randomTensor({1, 512})}};
  QuantizationBench first(floats, {sample});
  const auto integers = dynamic ? first.apply(*advisor::makeQuantizeDynamicRule(), "", {"m"})
                                : first.apply(*advisor::makeQuantizeStaticRule(), "u8s8-qdq", {"m"});
  QuantizationBench bench(integers, {sample});
  bench.times()["y"] = 1;
  const advisor::quantization::ProductShape shape{1, 512, 64, true};
  using namespace advisor::quantization;
  bench.kernels().assume((dynamic ? dynamicProduct(shape) : staticProduct(shape, false)).key, 0.3);
  for (const int64_t block : {32, 64, 128, 256}) {
    bench.kernels().assume(blockProduct(shape, 4, block).key, block == 128 ? 0.2 : 0.31);
  }
  for (const int64_t block : {32, 128}) bench.kernels().assume(blockProduct(shape, 8, block).key, 0.29);
  const auto found = bench.find(*rule);
  REQUIRE(found.size() == 1);
  CHECK(found[0].variant == "b4-k128-of-int8");
  CHECK(found[0].target == "1 matrix product on INT8");
  CHECK(found[0].evidence.at(0) ==
        "MatMul 1x512x64: 300 us as INT8, 200 us as 4-bit weights in blocks of 128 (1 of them)");
  CHECK(found[0].predictedGainMs == Approx(1.0 / 3));
  bench.setLatency(20);
  CHECK(bench.find(*rule).empty());  // not for 2 %
  const auto after = bench.apply(*rule, found[0], 1);
  CHECK(operatorsOf(after) == std::map<std::string, int>{{"com.microsoft.MatMulNBits", 1}});
  CHECK(outputCosine(floats, after, {{"x", randomTensor({1, 512}, 9)}}) > 0.98);
}

TEST_CASE("quantize-weights leaves INT8 weights alone that are not symmetric") {
  graph::Tensor weight(graph::DataType::Int8, {64, 8});
  const auto zero = graph::Tensor::of<int8_t>({}, std::vector<int8_t>{3});
  const auto before = Sketch()
                          .input("x", {1, 64})
                          .output("y")
                          .weight("w", weight)
                          .weight("s", graph::Tensor::scalar(0.1f))
                          .weight("z", zero)
                          .node("DynamicQuantizeMatMul", {"x", "w", "s", "z"}, {"y"}, {}, "com.microsoft");
  auto model = before.model();
  model.requireOpset("com.microsoft", 1);
  QuantizationBench bench(model, {{{"x", randomTensor({1, 64})}}});
  bench.times()["y"] = 1;
  CHECK(bench.find(*rule).empty());
}
