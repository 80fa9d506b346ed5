// What the sample networks compute is worth profiling: numbers of ordinary size, that depend on the inputs.
#include "engine/inputs.h"
#include "engine/session.h"
#include "graph/samples/samples.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace ridgeline;

namespace {

using Outputs = std::vector<std::vector<float>>;  // of the first output, for each of some inputs

Outputs outputsOf(std::string_view name, const engine::ShapeRequest& shapes, const std::string& output) {
  const auto model = graph::makeSample(name);
  REQUIRE(model.has_value());
  const auto inputs = engine::synthesizeInputs(*model, shapes, 2);
  REQUIRE(inputs.has_value());
  auto session = engine::Session::create(*model, {.threads = 1});
  REQUIRE(session.has_value());
  Outputs outputs;
  for (const auto& sample : inputs->samples) {
    REQUIRE(session->bind(sample).has_value());
    const auto result = session->runForOutputs();
    REQUIRE(result.has_value());
    outputs.push_back(result->at(output).toFloats());
  }
  return outputs;
}

double rootMeanSquare(const std::vector<float>& values) {
  double sum = 0;
  for (const float v : values) sum += v * v;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

void requireSane(const Outputs& outputs) {
  for (const auto& values : outputs) {
    CHECK(std::ranges::all_of(values, [](float v) { return std::isfinite(v); }));
    const double size = rootMeanSquare(values);
    CHECK(size > 0.005);
    CHECK(size < 5);
  }
  CHECK(outputs[0] != outputs[1]);
}

}  // namespace

TEST_CASE("sample networks give numbers of ordinary size") {
  SECTION("tiny-resnet") { requireSane(outputsOf("tiny-resnet", {}, "y")); }
  SECTION("resnet50") { requireSane(outputsOf("resnet50", {}, "y")); }
  SECTION("tiny-bert") { requireSane(outputsOf("tiny-bert", {.symbols = {{"T", 8}}}, "logits")); }
  SECTION("tiny-llama") { requireSane(outputsOf("tiny-llama", {.symbols = {{"past", 5}}}, "logits")); }
}
