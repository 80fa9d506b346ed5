// Sorting, and removing what nothing needs.
#include "tests/graph/chain.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::graph;
using namespace ridgeline::graph::test;

TEST_CASE("Sorting puts makers before readers and keeps the order otherwise") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  output(proto, "d");
  node(proto, "Add", {"b", "c"}, {"d"});
  node(proto, "Relu", {"x"}, {"e"});
  node(proto, "Relu", {"a"}, {"c"});
  node(proto, "Relu", {"a"}, {"b"});
  node(proto, "Relu", {"x"}, {"a"});
  Graph graph(model);
  const auto* kept = graph.find("d");
  REQUIRE(graph.sort());
  CHECK(ids(graph.nodes()) == Names{"e", "a", "c", "b", "d"});
  CHECK(graph.find("d") == kept);
  CHECK(ids(graph.consumers("a")) == Names{"c", "b"});
  checkIndexes(graph);

  graph.setInput(graph.find("a"), 0, "d");
  CHECK_FALSE(graph.sort());
  CHECK(ids(graph.nodes()) == Names{"e", "a", "c", "b", "d"});
}

TEST_CASE("A long chain is sorted without recursion") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "t0");
  constexpr int length = 50000;
  for (int i = length; i > 0; --i) node(proto, "Relu", {fmt::format("t{}", i - 1)}, {fmt::format("t{}", i)});
  output(proto, fmt::format("t{}", length));
  Graph graph(model);
  REQUIRE(graph.sort());
  CHECK(idOf(*graph.nodes().front()) == "t1");
  CHECK(graph.removeDead() == 0);
}

TEST_CASE("What nothing needs is removed") {
  auto model = chain();
  auto& proto = model.graphProto();
  node(proto, "Abs", {"a"}, {"dead1"});
  node(proto, "Add", {"dead1", "spare"}, {"dead2"});
  node(proto, "Split", {"a"}, {"half", "other"});
  node(proto, "Log", {"other"}, {"z"});
  node(proto, "Print", {"half"}, {});
  output(proto, "z");
  weight(proto, "spare", {1}, {1});
  weight(proto, "open", {1}, {1});
  input(proto, "open", {1});
  setFloatType(*proto.add_value_info(), "dead1", {1});
  setFloatType(*proto.add_value_info(), "a", {1});
  Graph graph(model);
  const auto* kept = graph.find("z");
  CHECK(graph.removeDead() == 2);
  CHECK(text(model) == "Relu(x)->a Mul(a,a)->b Add(b,w)->y Split(a)->half,other Log(other)->z Print(half)->");
  CHECK(graph.find("z") == kept);
  REQUIRE(proto.initializer_size() == 2);
  CHECK(proto.initializer(0).name() == "w");
  CHECK(proto.initializer(1).name() == "open");
  REQUIRE(proto.value_info_size() == 1);
  CHECK(proto.value_info(0).name() == "a");
  CHECK(graph.scalarConstant("open") == std::nullopt);
  CHECK(graph.constant("w")->toFloats() == std::vector<float>{1, 2, 3});
  CHECK(graph.removeDead() == 0);
  checkIndexes(graph);
}

TEST_CASE("Up to IR version 3 a dead weight's input goes with it") {
  auto model = chain();
  auto& proto = model.graphProto();
  model.proto().set_ir_version(3);
  weight(proto, "spare", {1}, {1});
  input(proto, "spare", {1});
  input(proto, "unread");
  Graph(model).removeDead();
  REQUIRE(proto.input_size() == 2);
  CHECK(proto.input(1).name() == "unread");
  CHECK(proto.initializer_size() == 1);
}

TEST_CASE("Weights that training or an annotation names stay") {
  auto model = chain();
  auto& proto = model.graphProto();
  weight(proto, "state", {1}, {1});
  weight(proto, "rate", {1}, {1});
  weight(proto, "scale", {1}, {1});
  weight(proto, "lost", {1}, {1});
  auto* training = model.proto().add_training_info();
  auto* binding = training->add_update_binding();
  binding->set_key("state");
  node(*training->mutable_algorithm(), "Mul", {"rate", "g"}, {"step"});
  auto* annotation = proto.add_quantization_annotation();
  annotation->set_tensor_name("a");
  auto* parameter = annotation->add_quant_parameter_tensor_names();
  parameter->set_key("SCALE_TENSOR");
  parameter->set_value("scale");
  proto.add_quantization_annotation()->set_tensor_name("gone");
  Graph(model).removeDead();
  Names left;
  for (const auto& tensor : proto.initializer()) left.push_back(tensor.name());
  CHECK(left == Names{"w", "state", "rate", "scale"});
  CHECK(proto.quantization_annotation_size() == 1);
}
