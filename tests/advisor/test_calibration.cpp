#include "advisor/calibration.h"
#include "tests/advisor/support/sketch.h"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

using Ranges = std::map<std::string, advisor::Range>;

Ranges rangesOf(advisor::Calibration& calibration, const graph::Model& model, const std::vector<std::string>& wanted) {
  auto ranges = calibration.ranges(model, wanted);
  REQUIRE(ranges.has_value());
  return *ranges;
}

graph::Model scaledBy(float factor) {
  return Sketch()
      .input("x", {3})
      .output("z")
      .weight("k", floats({1}, {factor}))
      .node("Mul", {"x", "k"}, {"y"})
      .node("Relu", {"y"}, {"z"})
      .model();
}

std::vector<engine::NamedTensors> samples(const std::vector<std::vector<float>>& values) {
  std::vector<engine::NamedTensors> all;
  for (const auto& v : values) all.push_back({{"x", floats({static_cast<int64_t>(v.size())}, v)}});
  return all;
}

}  // namespace

TEST_CASE("calibration finds the smallest and largest value over all samples") {
  const auto given = samples({{1, -2, 0}, {5, 3, -1}});
  advisor::Calibration calibration(given, false, 1);
  const auto ranges = rangesOf(calibration, scaledBy(2), {"x", "y", "z"});
  REQUIRE(ranges.size() == 3);
  CHECK(ranges.at("x").lo == -2);
  CHECK(ranges.at("x").hi == 5);
  CHECK(ranges.at("y").lo == -4);
  CHECK(ranges.at("y").hi == 10);
  CHECK(ranges.at("z").lo == 0);
  CHECK(ranges.at("z").hi == 10);
  CHECK_FALSE(calibration.synthetic());
}

TEST_CASE("calibration runs again when a tensor of the same name is computed from something else") {
  const auto given = samples({{1, -2, 0}});
  advisor::Calibration calibration(given, true, 1);
  CHECK(rangesOf(calibration, scaledBy(2), {"z"}).at("z").hi == 2);
  CHECK(rangesOf(calibration, scaledBy(3), {"z"}).at("z").hi == 3);
  const auto withAnotherOperator =
      Sketch().input("x", {3}).output("z").node("Abs", {"x"}, {"y"}).node("Relu", {"y"}, {"z"}).model();
  CHECK(rangesOf(calibration, withAnotherOperator, {"z"}).at("z").hi == 2);
}

TEST_CASE("calibration leaves out what has no range") {
  const auto model = Sketch()
                         .input("x", {3})
                         .output("y")
                         .output("n", graph::DataType::Int64)
                         .node("Log", {"x"}, {"y"})
                         .node("Shape", {"x"}, {"n"})
                         .node("Abs", {"x"}, {"a"})
                         .node("Exp", {"a"}, {"unused"})
                         .model();
  const auto given = samples({{1, -2, 4}, {1, 1, 1}});
  advisor::Calibration calibration(given, true, 1);
  const auto ranges = rangesOf(calibration, model, {"y", "n", "a", "nothing of that name"});
  REQUIRE(ranges.size() == 1);  // y holds a NaN, n integers
  CHECK(ranges.at("a").hi == 4);
  CHECK(ranges.at("a").lo == 1);
}

TEST_CASE("calibration leaves out infinities and empty tensors") {
  const auto model = Sketch()
                         .input("x", {-1})
                         .output("y")
                         .weight("z", floats({1}, {0}))
                         .node("Div", {"x", "z"}, {"y"})
                         .node("Neg", {"x"}, {"v"})
                         .model();
  const auto given = samples({{1, 2}});
  advisor::Calibration calibration(given, true, 1);
  CHECK(rangesOf(calibration, model, {"y"}).empty());
  const auto none = samples({{}});
  advisor::Calibration empty(none, true, 1);
  CHECK(rangesOf(empty, model, {"v"}).empty());
}

TEST_CASE("calibration passes on the engine's refusal") {
  const auto model = Sketch().input("x", {3}).output("y").node("NoSuchOperator", {"x"}, {"y"}).model();
  const auto given = samples({{1, 2, 3}});
  advisor::Calibration calibration(given, true, 1);
  const std::array<std::string, 1> wanted{"y"};
  const auto ranges = calibration.ranges(model, wanted);
  REQUIRE_FALSE(ranges);
  CHECK(ranges.error().code == ErrorCode::BadInput);
}

TEST_CASE("calibration takes inputs and outputs that are left out") {
  const auto model = Sketch()
                         .input("x", {4})
                         .output("z")
                         .weight("hi", graph::Tensor::scalar(1))
                         .node("Dropout", {"x"}, {"y", ""})
                         .node("Clip", {"y", "", "hi"}, {"z"})
                         .model();
  const auto given = samples({{-3, 0, 2, 4}});
  advisor::Calibration calibration(given, true, 1);
  const auto ranges = rangesOf(calibration, model, {"z"});
  CHECK(ranges.at("z").lo == -3);
  CHECK(ranges.at("z").hi == 1);
}

TEST_CASE("calibration can clip what hardly ever occurs") {
  std::vector<float> values(20000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::pow(static_cast<float>(i % 200) / 100 - 1, 3.0f);
  values.front() = 500;
  const std::vector<engine::NamedTensors> given{{{"x", floats({20000}, values)}}};
  const auto model = Sketch().input("x", {-1}).output("y").node("Relu", {"x"}, {"y"}).model();
  advisor::Calibration calibration(given, false, 1);
  const std::vector<std::string> wanted{"x", "y"};
  using advisor::RangeMethod;
  const auto whole = calibration.ranges(model, wanted);
  const auto percentile = calibration.ranges(model, wanted, RangeMethod::Percentile);
  const auto entropy = calibration.ranges(model, wanted, RangeMethod::Entropy);
  REQUIRE((whole && percentile && entropy));
  CHECK(whole->at("x").hi == 500);
  CHECK(whole->at("x").lo == -1);
  // A bin of the histogram is 0.24 wide.
  CHECK(percentile->at("x").hi < 1.3);
  CHECK(percentile->at("x").lo == Approx(-1).margin(0.01));
  CHECK(entropy->at("x").hi < 60);
  CHECK(entropy->at("y").lo == 0);
  CHECK(calibration.ranges(model, wanted)->at("y").hi == 500);
}
