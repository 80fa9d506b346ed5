// Raising a model's operator set: what it computes stays, or what stands in the way is said.
#include "advisor/rules/raise_opset.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::Dims;

namespace {

using Ints = std::vector<int64_t>;

std::string whyNot(const Sketch& sketch, int64_t to = advisor::kAttentionOpset, int64_t newest = 99) {
  auto model = sketch.model();
  const graph::Graph graph(model);
  const advisor::SymbolicShapes shapes(graph);
  return advisor::whyNotRaised(graph, to, newest, &shapes);
}

// Computes the same after it was raised.
void requireRaised(const Sketch& sketch, const engine::NamedTensors& inputs) {
  REQUIRE(whyNot(sketch) == "");
  auto after = sketch.model();
  graph::Graph graph(after);
  advisor::raiseOpset(graph, advisor::kAttentionOpset);
  CHECK(after.opset() == advisor::kAttentionOpset);
  CHECK(outputDifference(sketch.model(), after, inputs, 1e-5) == "");
}

Sketch of(int64_t opset, Dims dims = {2, 3, 4}) { return Sketch(opset).input("x", std::move(dims)).output("y"); }
const engine::NamedTensors kCube{{"x", randomTensor({2, 3, 4})}};

}  // namespace

TEST_CASE("axes that were attributes become inputs") {
  for (const std::string op : {"ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
                               "ReduceProd", "ReduceSum", "ReduceSumSquare"}) {
    INFO(op);
    requireRaised(of(11).node(op, {"x"}, {"y"}, {{"axes", Ints{1}}, {"keepdims", int64_t{0}}}), kCube);
    requireRaised(of(11).node(op, {"x"}, {"y"}), kCube);
  }
  requireRaised(of(17).node("ReduceMean", {"x"}, {"y"}, {{"axes", Ints{0, -1}}}), kCube);
  requireRaised(of(11).node("Unsqueeze", {"x"}, {"u"}, {{"axes", Ints{0, 2}}}).node("Relu", {"u"}, {"y"}), kCube);
  const engine::NamedTensors flat{{"x", randomTensor({2, 1, 4})}};
  requireRaised(of(11, {2, 1, 4}).node("Squeeze", {"x"}, {"y"}, {{"axes", Ints{1}}}), flat);
  requireRaised(of(11, {2, 1, 4}).node("Squeeze", {"x"}, {"y"}), flat);
}

TEST_CASE("a Split says how many parts it makes") {
  const auto joined = [](Sketch s) { return s.node("Concat", {"b", "a"}, {"y"}, {{"axis", int64_t{2}}}); };
  requireRaised(joined(of(11).node("Split", {"x"}, {"a", "b"}, {{"axis", int64_t{2}}})), kCube);
  requireRaised(joined(of(17).node("Split", {"x"}, {"a", "b"}, {{"axis", int64_t{2}}})), kCube);
  requireRaised(joined(of(11).node("Split", {"x"}, {"a", "b"}, {{"axis", int64_t{2}}, {"split", Ints{3, 1}}})), kCube);
}

TEST_CASE("a Softmax of before opset 13 may stay where it runs over the last dim") {
  requireRaised(of(11).node("Softmax", {"x"}, {"y"}, {{"axis", int64_t{2}}}), kCube);
  requireRaised(of(11).node("LogSoftmax", {"x"}, {"y"}, {{"axis", int64_t{-1}}}), kCube);
  const std::string other = "Softmax of opset 11 means something else in 13";
  CHECK(whyNot(of(11).node("Softmax", {"x"}, {"y"})) == other);
  CHECK(whyNot(of(11).node("Softmax", {"x"}, {"y"}, {{"axis", int64_t{0}}})) == other);
  CHECK(whyNot(of(13).node("Softmax", {"x"}, {"y"}, {{"axis", int64_t{0}}})) == "");
}

TEST_CASE("names and defaults that changed are written out") {
  const Dims image{1, 2, 6, 6};
  const engine::NamedTensors places{{"x", randomTensor(image)}, {"at", randomTensor({1, 3, 3, 2}, 2, 0.5F)}};
  for (const std::string mode : {"bilinear", "bicubic", "nearest"}) {
    INFO(mode);
    requireRaised(of(16, image).input("at", {1, 3, 3, 2}).node("GridSample", {"x", "at"}, {"y"}, {{"mode", mode}}),
                  places);
  }
  requireRaised(of(16, image).input("at", {1, 3, 3, 2}).node("GridSample", {"x", "at"}, {"y"}), places);
  requireRaised(of(10, image).node("Clip", {"x"}, {"y"}, {{"min", -0.5F}}), {{"x", randomTensor(image)}});
  requireRaised(of(10, image).node("Pad", {"x"}, {"y"}, {{"pads", Ints{0, 0, 1, 1, 0, 0, 0, 2}}, {"value", 3.0F}}),
                {{"x", randomTensor(image)}});
  requireRaised(of(10, image).node("Dropout", {"x"}, {"d"}, {{"ratio", 0.25F}}).node("Relu", {"d"}, {"y"}),
                {{"x", randomTensor(image)}});
}

TEST_CASE("what cannot be respelled stands in the way") {
  CHECK(whyNot(of(6).node("Relu", {"x"}, {"y"})) == "opset 6 cannot be raised to 23");
  CHECK(whyNot(of(10).node("Dropout", {"x"}, {"d", "mask"}).node("Relu", {"d"}, {"y"})) == "");
  CHECK(whyNot(of(9).node("Dropout", {"x"}, {"d", "mask"}).node("Relu", {"d"}, {"y"})) ==
        "Dropout of opset 9 means something else in 10");
  const auto pooled = [](int64_t up) {
    return of(17, {1, 2, 6, 6})
        .node("AveragePool", {"x"}, {"y"}, {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"ceil_mode", up}});
  };
  CHECK(whyNot(pooled(0)) == "");
  CHECK(whyNot(pooled(1)) == "AveragePool of opset 17 means something else in 19");
  CHECK(whyNot(of(17).node("RoiAlign", {"x", "boxes", "of"}, {"y"})) == "the engine has no RoiAlign of opset 22");
  CHECK(whyNot(of(9).node("RoiAlign", {"x", "boxes", "of"}, {"y"}), 11) == "");
  const auto relu = of(17).node("Relu", {"x"}, {"y"});
  CHECK(whyNot(relu, 23, 22) == "--max-opset allows none newer than 22");
  CHECK(whyNot(relu, 23, 23) == "");
  // Another domain's operator of that name is another operator.
  CHECK(whyNot(of(17).node("DFT", {"x"}, {"y"}, {}, "com.example")) == "");
}

TEST_CASE("models with functions or inner graphs are left as they are") {
  auto model = of(17).node("Relu", {"x"}, {"y"}).model();
  SECTION("functions") {
    model.proto().add_functions()->set_name("f");
    CHECK(advisor::whyNotRaised(graph::Graph(model), 23, 99) == "the model has functions of its own");
  }
  SECTION("inner graphs") {
    auto* attribute = model.graphProto().mutable_node(0)->add_attribute();
    attribute->set_name("body");
    attribute->mutable_g()->set_name("inner");
    CHECK(advisor::whyNotRaised(graph::Graph(model), 23, 99) == "Relu holds a graph of its own");
  }
  CHECK(advisor::whyNotRaised(graph::Graph(model), 17, 17) == "");
}
