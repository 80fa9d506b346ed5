#include "advisor/rules/fuse_skip_norm.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto rule = advisor::makeFuseSkipNormRule();
const Setup setup{.inputs = {{"x", randomTensor({2, 3, 8}, 1)}}};

Sketch model() {
  return Sketch()
      .input("x", {-1, -1, 8})
      .output("y")
      .weight("gamma", randomTensor({8}, 3))
      .weight("beta", randomTensor({8}, 4))
      .node("Tanh", {"x"}, {"t"});
}

Sketch added() { return model().node("Add", {"x", "t"}, {"s"}); }

std::string fused() { return "SkipLayerNormalization"; }

}  // namespace

TEST_CASE("fuse-skip-norm puts a sum and its normalization into one operator") {
  const auto before = added()
                          .node("LayerNormalization", {"s", "gamma", "beta"}, {"n"}, {{"epsilon", 1e-3F}})
                          .node("Relu", {"n"}, {"y"})
                          .model();
  const auto expected = model()
                            .node(fused(), {"x", "t", "gamma", "beta"}, {"n"}, {{"epsilon", 1e-3F}}, "com.microsoft")
                            .node("Relu", {"n"}, {"y"})
                            .model();
  requireRewrites(*rule, before, expected, setup);
}

TEST_CASE("fuse-skip-norm knows a normalization that is written out") {
  const auto before = added()
                          .weight("two", graph::Tensor::scalar(2))
                          .weight("epsilon", graph::Tensor::scalar(1e-5F))
                          .node("ReduceMean", {"s"}, {"mean"}, {{"axes", std::vector<int64_t>{-1}}})
                          .node("Sub", {"s", "mean"}, {"centered"})
                          .node("Pow", {"centered", "two"}, {"squares"})
                          .node("ReduceMean", {"squares"}, {"variance"}, {{"axes", std::vector<int64_t>{-1}}})
                          .node("Add", {"variance", "epsilon"}, {"above"})
                          .node("Sqrt", {"above"}, {"deviation"})
                          .node("Div", {"centered", "deviation"}, {"unit"})
                          .node("Mul", {"unit", "gamma"}, {"scaled"})
                          .node("Add", {"scaled", "beta"}, {"n"})
                          .node("Relu", {"n"}, {"y"})
                          .model();
  const auto expected = model()
                            .node(fused(), {"x", "t", "gamma", "beta"}, {"n"}, {{"epsilon", 1e-5F}}, "com.microsoft")
                            .node("Relu", {"n"}, {"y"})
                            .model();
  requireRewrites(*rule, before, expected, setup);
}

TEST_CASE("fuse-skip-norm hands on a sum that is read elsewhere too") {
  const auto before = added().node("LayerNormalization", {"s", "gamma"}, {"n"}).node("Mul", {"n", "s"}, {"y"}).model();
  const auto result = rewrite(*rule, before, setup);
  CHECK(result.places == 1);
  const auto& nodes = result.model.graphProto().node();
  REQUIRE(nodes.size() == 3);
  CHECK(nodes[1].op_type() == fused());
  REQUIRE(nodes[1].output_size() == 4);
  CHECK(nodes[2].input(1) == nodes[1].output(3));
}

TEST_CASE("fuse-skip-norm does not fire on what only looks alike") {
  const auto whyNot = [](const Sketch& sketch, const Setup& with = setup) {
    const auto misses = requireNothing(*rule, sketch.model(), with);
    return misses.empty() ? std::string() : misses.front().why;
  };
  SECTION("a bias is added") {
    CHECK(whyNot(model().node("Add", {"t", "beta"}, {"s"}).node("LayerNormalization", {"s", "gamma"}, {"y"})) == "");
  }
  SECTION("fixed shapes are the engine's own work") {
    const auto fixed = Sketch()
                           .input("x", {2, 3, 8})
                           .output("y")
                           .weight("gamma", randomTensor({8}, 3))
                           .node("Tanh", {"x"}, {"t"})
                           .node("Add", {"x", "t"}, {"s"})
                           .node("LayerNormalization", {"s", "gamma"}, {"y"});
    CHECK(whyNot(fixed) == "");
  }
  SECTION("what is added is broadcast") {
    Setup broadcast = setup;
    broadcast.inputs["z"] = randomTensor({2, 1, 8}, 5);
    CHECK_THAT(whyNot(model()
                          .input("z", {-1, 1, 8})
                          .node("Add", {"t", "z"}, {"s"})
                          .node("LayerNormalization", {"s", "gamma"}, {"y"}),
                      broadcast),
               Catch::Contains("one shape"));
  }
  SECTION("more than the last dim is normalized") {
    CHECK(whyNot(model()
                     .weight("wide", randomTensor({3, 8}, 6))
                     .node("Add", {"x", "t"}, {"s"})
                     .node("LayerNormalization", {"s", "wide"}, {"y"}, {{"axis", int64_t{1}}})) == "");
  }
}
