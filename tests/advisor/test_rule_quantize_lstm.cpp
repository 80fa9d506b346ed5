#include "advisor/rules/quantize_lstm.h"
#include "tests/advisor/support/equivalence.h"
#include "tests/advisor/support/quantization.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::DataType;
using graph::Tensor;

namespace {

const auto rule = advisor::makeQuantizeLstmRule();

Tensor int8s(graph::Dims dims, const std::vector<int8_t>& values) {
  return Tensor::of<int8_t>(std::move(dims), values);
}

// Three steps of two features, for a layer of one unit: gates input, output, forget, cell.
Sketch oneUnit() {
  return Sketch().input("x", {3, 1, 2}).output("y").weight("b", floats({1, 8}, {1, 2, 3, 4, 5, 6, 7, 8}));
}

const std::vector<float> kInputWeight{63.5f, -1, 2, 0.5f, -4, 127, 254, -2};
const std::vector<float> kStateWeight{127, -1, 0, 64};

graph::Model layer(Sketch sketch, const std::vector<std::pair<std::string, graph::AttributeValue>>& attributes = {}) {
  auto all = attributes;
  all.emplace_back("hidden_size", int64_t{1});
  sketch.weight("w", floats({1, 4, 2}, kInputWeight)).weight("r", floats({1, 4, 1}, kStateWeight));
  return sketch.node("LSTM", {"x", "w", "r", "b"}, {"y"}, all).model();
}

graph::Model layerByHand(const Tensor& w, const Tensor& wScales, const Tensor& r, const Tensor& rScales) {
  auto sketch = oneUnit().weight("wq", w).weight("ws", wScales).weight("rq", r).weight("rs", rScales);
  sketch.weight("zero", Tensor(DataType::Int8, wScales.dims()));
  sketch.node("DynamicQuantizeLSTM", {"x", "wq", "rq", "b", "", "", "", "", "ws", "zero", "rs", "zero"}, {"y"},
              {{"hidden_size", int64_t{1}}}, "com.microsoft");
  auto model = sketch.model();
  model.requireOpset("com.microsoft", 1);
  return model;
}

// A layer as PyTorch exports it, with all it may be given.
graph::Model bidirectional() {
  auto sketch = Sketch().input("x", {7, 2, 16}).output("y").output("h").output("c");
  sketch.weight("w", randomTensor({2, 96, 16}, 1, 0.3F)).weight("r", randomTensor({2, 96, 24}, 2, 0.2F));
  sketch.weight("b", randomTensor({2, 192}, 3, 0.1F)).weight("h0", randomTensor({2, 2, 24}, 4, 0.5F));
  sketch.weight("c0", randomTensor({2, 2, 24}, 5, 0.5F)).weight("lengths", Tensor::of<int32_t>({2}, std::vector{7, 5}));
  sketch.node("LSTM", {"x", "w", "r", "b", "lengths", "h0", "c0"}, {"y", "h", "c"},
              {{"direction", std::string("bidirectional")}, {"hidden_size", int64_t{24}}});
  return sketch.model();
}

}  // namespace

TEST_CASE("quantize-lstm turns weights and rounds them, as worked out by hand") {
  const auto x = randomTensor({3, 1, 2});
  const auto before = layer(oneUnit());
  QuantizationBench bench(before, {{{"x", x}}});
  SECTION("with one scale for all") {
    // 254 / 127 = 2, halves to even; turned to [features, gates].
    const auto expected = layerByHand(int8s({1, 2, 4}, {32, 1, -2, 127, 0, 0, 64, -1}), floats({1}, {2}),
                                      int8s({1, 1, 4}, {127, -1, 0, 64}), floats({1}, {1}));
    CHECK(difference(bench.apply(*rule, "", {"y"}), expected) == "");
  }
  SECTION("with one for each gate of each unit") {
    const auto expected =
        layerByHand(int8s({1, 2, 4}, {127, 127, -4, 127, -2, 32, 127, -1}), floats({1, 4}, {0.5f, 2 / 127.0f, 1, 2}),
                    int8s({1, 1, 4}, {127, -127, 0, 127}), floats({1, 4}, {1, 1 / 127.0f, 1, 64 / 127.0f}));
    CHECK(difference(bench.apply(*rule, "per-unit", {"y"}), expected) == "");
  }
}

TEST_CASE("quantize-lstm keeps directions, lengths, first states and all outputs") {
  const auto before = bidirectional();
  const auto x = randomTensor({7, 2, 16}, 9);
  QuantizationBench bench(before, {{{"x", x}}});
  for (const char* variant : {"", "per-unit"}) {
    const auto after = bench.apply(*rule, variant, {"y"});
    CHECK(operatorsOf(after) == std::map<std::string, int>{{"com.microsoft.DynamicQuantizeLSTM", 1}});
    CHECK(outputCosine(before, after, {{"x", x}}) > 0.999);
  }
}

TEST_CASE("quantize-lstm proposes what is faster here, and a closer form of it") {
  auto sketch = Sketch().input("x", {20, 1, 128}).output("y");
  sketch.weight("w", randomTensor({1, 1024, 128}, 1, 0.1F)).weight("r", randomTensor({1, 1024, 256}, 2, 0.1F));
  sketch.node("LSTM", {"x", "w", "r"}, {"y"}, {{"hidden_size", int64_t{256}}});
  QuantizationBench bench(sketch.model(), {{{"x", randomTensor({20, 1, 128})}}});
  bench.times()["y"] = 2;
  const auto found = bench.find(*rule);
  if (found.empty()) {
    WARN("skipped: INT8 is no faster for an LSTM on this machine");
    return;
  }
  REQUIRE(found.size() == 1);
  CHECK(found[0].places == std::vector<std::string>{"y"});
  CHECK(found[0].target == "1 LSTM layer");
  CHECK(found[0].predictedGainMs > 0);
  CHECK(found[0].predictedGainMs < 2);
  const auto gentler = rule->gentler(found[0]);
  REQUIRE(gentler.size() == 1);
  CHECK(gentler[0].variant == "per-unit");
  CHECK(gentler[0].places == found[0].places);
  CHECK(rule->gentler(gentler[0]).empty());
}

TEST_CASE("quantize-lstm says which recurrent layers stay as they are, and why") {
  const auto misses = [](Sketch sketch) { return requireNothing(*rule, sketch.model()); };
  const auto says = [](const std::vector<advisor::NearMiss>& told, const std::string& why) {
    REQUIRE(told.size() == 1);
    CHECK(told[0].rule == "quantize-lstm");
    CHECK(told[0].why == why);
  };
  auto sketch = Sketch().input("x", {3, 1, 2}).output("y");
  SECTION("GRU") {
    sketch.weight("w", randomTensor({1, 3, 2})).weight("r", randomTensor({1, 3, 1}));
    says(misses(sketch.node("GRU", {"x", "w", "r"}, {"y"}, {{"hidden_size", int64_t{1}}})),
         "GRU: the engine has no integer kernel for it");
  }
  SECTION("batch first") {
    sketch.weight("w", randomTensor({1, 4, 2})).weight("r", randomTensor({1, 4, 1}));
    sketch.node("LSTM", {"x", "w", "r"}, {"y"}, {{"hidden_size", int64_t{1}}, {"layout", int64_t{1}}});
    says(requireNothing(*rule, sketch.model(), {.run = false}),
         "LSTM: its batch comes first, and the engine's integer kernel wants the steps there");
  }
  SECTION("weights that are computed") {
    sketch.input("w", {1, 4, 2}).weight("r", randomTensor({1, 4, 1}));
    says(misses(sketch.node("LSTM", {"x", "w", "r"}, {"y"}, {{"hidden_size", int64_t{1}}})),
         "LSTM: its weights are not constants");
  }
}
