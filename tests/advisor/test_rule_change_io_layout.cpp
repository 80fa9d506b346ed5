#include "advisor/rules/change_io_layout.h"
#include "engine/port_orders.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto rule = advisor::makeChangeIoLayoutRule();

const std::vector<int64_t> kToNchw{0, 3, 1, 2}, kToNhwc{0, 2, 3, 1};

// A convolution over an image as TensorFlow has it.
Sketch channelsLast() {
  return Sketch()
      .input("image", {1, 4, 6, 3})
      .output("y")
      .weight("w", randomTensor({5, 3, 1, 1}))
      .node("Transpose", {"image"}, {"planes"}, {{"perm", kToNchw}})
      .node("Conv", {"planes", "w"}, {"c"})
      .node("Transpose", {"c"}, {"y"}, {{"perm", kToNhwc}});
}

graph::Dims dimsOf(const onnx::ValueInfoProto& port) {
  graph::Dims dims;
  for (const auto& dim : port.type().tensor_type().shape().dim()) dims.push_back(dim.dim_value());
  return dims;
}

}  // namespace

TEST_CASE("change-io-layout leaves transposes of inputs and outputs to whoever runs the model") {
  const auto expected = Sketch()
                            .input("image", {1, 3, 4, 6})
                            .output("y")
                            .weight("w", randomTensor({5, 3, 1, 1}))
                            .node("Conv", {"image", "w"}, {"y"})
                            .model();
  const auto result =
      rewrite(*rule, channelsLast().model(), {.times = {{"planes", 0.1}, {"c", 9}, {"y", 0.2}}, .ioLayout = true});
  CHECK(difference(result.model, expected) == "");
  CHECK(dimsOf(result.model.graphProto().input(0)) == graph::Dims{1, 3, 4, 6});
  CHECK(engine::portOrdersIn(result.model).describe() == "input image NHWC to NCHW, output y NHWC to NCHW");
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].target == "input image NHWC to NCHW, output y NHWC to NCHW");
  CHECK(result.opportunities[0].predictedGainMs == Approx(0.3));
  CHECK_THAT(result.opportunities[0].risk, Catch::Contains("must arrange its data"));
}

TEST_CASE("change-io-layout adds to what was changed before") {
  auto model = channelsLast().model();
  engine::keepPortOrders(model, {.inputs = {{"image", {0, 2, 3, 1}}}, .outputs = {}});
  // The original then had NCHW.
  const auto sample = randomTensor({1, 3, 4, 6});
  const auto result = rewrite(*rule, model, {.inputs = {{"image", sample}}, .ioLayout = true});
  const auto orders = engine::portOrdersIn(result.model);
  CHECK(graph::isIdentity(orders.inputs.at("image")));
  CHECK(orders.outputs.at("y") == kToNchw);
}

TEST_CASE("change-io-layout takes every reader of an input or none") {
  auto all = Sketch().input("x", {2, 3, 4}).output("y").output("z");
  all.node("Transpose", {"x"}, {"a"}, {{"perm", std::vector<int64_t>{0, 2, 1}}})
      .node("Transpose", {"x"}, {"b"}, {{"perm", std::vector<int64_t>{0, 2, 1}}})
      .node("Relu", {"a"}, {"y"})
      .node("Abs", {"b"}, {"z"});
  const auto result = rewrite(*rule, all.model(), {.ioLayout = true});
  CHECK(result.model.graphProto().node_size() == 2);
  CHECK(dimsOf(result.model.graphProto().input(0)) == graph::Dims{2, 4, 3});

  auto some = Sketch().input("x", {2, 3, 4}).output("y").output("z");
  some.node("Transpose", {"x"}, {"a"}, {{"perm", std::vector<int64_t>{0, 2, 1}}})
      .node("Relu", {"a"}, {"y"})
      .node("Abs", {"x"}, {"z"});
  requireNothing(*rule, some.model(), {.ioLayout = true});
}

TEST_CASE("change-io-layout leaves what has other uses, and inputs that are outputs") {
  auto read = Sketch().input("x", {2, 3}).output("y").output("z");
  read.node("Relu", {"x"}, {"a"})
      .node("Transpose", {"a"}, {"y"}, {{"perm", std::vector<int64_t>{1, 0}}})
      .node("Abs", {"y"}, {"z"});
  requireNothing(*rule, read.model(), {.ioLayout = true});
  auto only = Sketch().input("x", {2, 3}).output("y");
  only.node("Transpose", {"x"}, {"y"}, {{"perm", std::vector<int64_t>{1, 0}}});
  requireNothing(*rule, only.model(), {.ioLayout = true});
}

TEST_CASE("change-io-layout is only told of where it was not allowed") {
  const auto nearMisses = requireNothing(*rule, channelsLast().model());
  REQUIRE(nearMisses.size() == 2);
  CHECK(nearMisses[0].place == "planes");
  CHECK_THAT(nearMisses[0].why, Catch::Contains("input image") && Catch::Contains("--allow-io-layout"));
}
