#include "advisor/limits.h"
#include "advisor/tensor_memory.h"
#include "tests/advisor/support/sketch.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::advisor;

namespace {

Trial trial(const std::string& variant, bool lossy, const std::string& reason) {
  Trial t;
  t.opportunity.rule = "quantize-static";
  t.opportunity.variant = variant;
  t.lossy = lossy;
  t.reason = reason;
  return t;
}

}  // namespace

TEST_CASE("a candidate within all limits falls short of none") {
  Constraints limits;
  limits.maxLatencyMs = 5;
  limits.maxModelBytes = 1000;
  CHECK(shortfalls({.latencyMs = 5, .modelBytes = 1000}, limits).empty());
  CHECK(shortfalls({}, {}).empty());
}

TEST_CASE("each broken limit is told, by how much, and what may cure it") {
  Constraints limits;
  limits.maxLatencyMs = 5;
  limits.maxMemoryBytes = 100e6;
  limits.maxModelBytes = 1000;
  limits.metricCommand = "accuracy";
  limits.minMetric = 0.9;
  const auto found = shortfalls({.latencyMs = 6, .memoryBytes = 150e6, .modelBytes = 999, .metric = 0.45}, limits);
  REQUIRE(found.size() == 3);
  CHECK(found[0].text == "latency 6.00 ms is above 5.00 ms");
  CHECK(found[0].excess == Approx(0.2));
  CHECK_FALSE(found[0].cure.has_value());
  CHECK(found[1].excess == Approx(0.5));
  CHECK(found[1].cure == Goal::Memory);
  CHECK(found[1].wanted == 100e6);
  CHECK(found[2].text == "metric 0.45 is below 0.9");
  CHECK(totalExcess(found) == Approx(0.2 + 0.5 + 0.5));
}

TEST_CASE("what could not be measured does not count as within the limit") {
  Constraints limits;
  limits.maxMemoryBytes = 100e6;
  const auto found = shortfalls({}, limits);
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == "peak memory could not be measured");
}

TEST_CASE("what stood in the way are rewrites that would have gone further") {
  std::vector<Trial> trials;
  trials.push_back(trial("u8s8-qdq", true, "cosine 0.9 of y is below 0.99"));
  trials.back().verification = Verification{};
  trials.push_back(trials.back());  // told once
  trials.push_back(trial("slow", true, "measured slower"));
  trials.back().verification = Verification{};
  trials.back().judgement = Judgement{};
  trials.push_back(trial("kept", true, ""));
  trials.back().accepted = true;
  trials.back().verification = Verification{};
  CHECK(obstacles(trials, {}, false) ==
        std::vector<std::string>{"quantize-static u8s8-qdq was turned down: cosine 0.9 of y is below 0.99"});
  Constraints exact;
  exact.exactOnly = true;
  CHECK(obstacles({}, exact, true).size() == 2);
}

TEST_CASE("the memory of tensors is what is alive at once") {
  // x and y stay; a and b are alive together while c is not made yet.
  const auto model = test::Sketch()
                         .input("x", {10})
                         .output("y")
                         .weight("w", test::floats({10}, std::vector<float>(10, 1)))
                         .node("Add", {"x", "w"}, {"a"})
                         .node("Relu", {"a"}, {"b"})
                         .node("Tile", {"b", "n"}, {"c"})
                         .weight("n", test::ints({3}))
                         .node("ReduceSum", {"c"}, {"y"}, {{"keepdims", int64_t{0}}})
                         .model();
  const auto floatsOf = [](graph::Dims dims) { return engine::TensorFacts{graph::DataType::Float, std::move(dims)}; };
  const engine::ShapeMap shapes{{"x", floatsOf({10})}, {"w", floatsOf({10})}, {"a", floatsOf({10})},
                                {"b", floatsOf({10})}, {"c", floatsOf({30})}, {"y", floatsOf({})}};
  CHECK(peakTensorBytes(model, shapes) == 4 * (10 + 10 + 30));
}

TEST_CASE("what is computed of weights alone takes no memory of tensors") {
  const auto model = test::Sketch()
                         .input("x", {10})
                         .output("y")
                         .weight("q", test::ints({5}))
                         .weight("scale", test::floats({}, {1}))
                         .node("DequantizeLinear", {"q", "scale"}, {"w"})
                         .node("Expand", {"w", "n"}, {"large"})
                         .weight("n", test::ints({1000}))
                         .node("Add", {"x", "w"}, {"y"})
                         .model();
  const auto floatsOf = [](graph::Dims dims) { return engine::TensorFacts{graph::DataType::Float, std::move(dims)}; };
  const engine::ShapeMap shapes{
      {"x", floatsOf({10})}, {"w", floatsOf({1})}, {"large", floatsOf({1000})}, {"y", floatsOf({10})}};
  CHECK(peakTensorBytes(model, shapes) == 4 * (10 + 10));
}
