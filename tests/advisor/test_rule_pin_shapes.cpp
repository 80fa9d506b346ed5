#include "advisor/rules/pin_shapes.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto rule = advisor::makePinShapesRule();

// Reshapes x to [rows, 1, 5] with the rows taken from x itself, as exporters write it.
Sketch reshapedByItsRows(graph::Dims dims) {
  return Sketch()
      .input("x", std::move(dims))
      .output("y")
      .weight("first", ints({0}))
      .weight("rest", ints({1, 5}))
      .node("Shape", {"x"}, {"shape"})
      .node("Gather", {"shape", "first"}, {"rows"}, {{"axis", int64_t{0}}})
      .node("Concat", {"rows", "rest"}, {"target"}, {{"axis", int64_t{0}}})
      .node("Reshape", {"x", "target"}, {"y"});
}

std::vector<std::string> dimsOf(const onnx::ValueInfoProto& port) {
  std::vector<std::string> dims;
  for (const auto& dim : port.type().tensor_type().shape().dim()) {
    dims.push_back(dim.has_dim_value() ? std::to_string(dim.dim_value()) : dim.dim_param());
  }
  return dims;
}

}  // namespace

TEST_CASE("pin-shapes writes the shapes of the inputs and computes ahead what follows from them") {
  const auto expected = Sketch()
                            .input("x", {3, 5})
                            .output("y")
                            .weight("target", ints({3, 1, 5}))
                            .node("Reshape", {"x", "target"}, {"y"})
                            .model();
  const auto result = rewrite(*rule, reshapedByItsRows({-1, 5}).model(),
                              {.symbols = {{"x_0", 3}},
                               .times = {{"shape", 0.1}, {"rows", 0.2}, {"target", 0.3}, {"y", 9}},
                               .pinnedShapes = true});
  CHECK(difference(result.model, expected) == "");
  CHECK(dimsOf(result.model.graphProto().input(0)) == std::vector<std::string>{"3", "5"});
  CHECK(result.model.metadata("specialization") == "for the input shapes x 3x5 only");
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].target == "x 3x5");
  CHECK(result.opportunities[0].predictedGainMs == Approx(0.6));
  CHECK_THAT(result.opportunities[0].risk, Catch::Contains("these input shapes only"));
}

TEST_CASE("pin-shapes gives an open dimension one size wherever its name occurs") {
  auto model = Sketch().input("x", {-1, 5}).output("y").node("Relu", {"x"}, {"y"}).model();
  auto* shape = model.graphProto().mutable_output(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape->add_dim()->set_dim_param("x_0");
  shape->add_dim()->set_dim_param("elsewhere");
  const auto result = rewrite(*rule, model, {.symbols = {{"x_0", 7}}, .pinnedShapes = true});
  CHECK(dimsOf(result.model.graphProto().output(0)) == std::vector<std::string>{"7", "elsewhere"});
}

TEST_CASE("pin-shapes is proposed only where it was asked for and something is open") {
  requireNothing(*rule, reshapedByItsRows({-1, 5}).model(), {.symbols = {{"x_0", 3}}});
  requireNothing(*rule, reshapedByItsRows({3, 5}).model(), {.pinnedShapes = true});
}

TEST_CASE("pin-shapes does not fold a shape that depends on values") {
  const auto model = Sketch()
                         .input("x", {-1})
                         .output("y", graph::DataType::Int64)
                         .node("NonZero", {"x"}, {"n"})
                         .node("Shape", {"n"}, {"s"})
                         .weight("c", ints({7, 7}))
                         .node("Add", {"s", "c"}, {"y"})
                         .model();
  const auto result = rewrite(*rule, model, {.inputs = {{"x", floats({4}, {0, 1, 2, 0})}}, .pinnedShapes = true});
  CHECK(result.model.graphProto().node_size() == 3);
}
