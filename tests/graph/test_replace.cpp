// Graph::replaceTensor, case by case: the graph before, and the graph that must come out.
#include "tests/graph/build.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::graph;
using namespace ridgeline::graph::test;

namespace {

// The graph still stands on its own: every name defined once, every read defined, no cycle.
std::string sound(const Model& model) {
  const auto parsed = Model::parse(model.proto().SerializeAsString());
  return parsed ? "sound" : parsed.error().text();
}

}  // namespace

TEST_CASE("Readers of an inner tensor move over") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  output(proto, "y");
  node(proto, "Relu", {"x"}, {"a"});
  node(proto, "Abs", {"x"}, {"b"});
  node(proto, "Mul", {"a", "a"}, {"c"});
  node(proto, "Add", {"a", "c"}, {"y"});
  Graph graph(model);
  SECTION("to another inner tensor") {
    graph.replaceTensor("a", "b");
    CHECK(text(model) == "Relu(x)->a Abs(x)->b Mul(b,b)->c Add(b,c)->y");
    CHECK_FALSE(graph.isUsed("a"));
    CHECK(ids(graph.consumers("b")) == Names{"c", "y"});
  }
  SECTION("to an input") {
    graph.replaceTensor("a", "x");
    CHECK(text(model) == "Relu(x)->a Abs(x)->b Mul(x,x)->c Add(x,c)->y");
  }
  SECTION("to itself: nothing changes") {
    graph.replaceTensor("a", "a");
    CHECK(text(model) == "Relu(x)->a Abs(x)->b Mul(a,a)->c Add(a,c)->y");
  }
  SECTION("to a node put behind it, which goes on reading it") {
    graph.addNode({.opType = "Neg", .inputs = {"a"}, .outputs = {"n"}});
    graph.replaceTensor("a", "n");
    CHECK(text(model) == "Relu(x)->a Abs(x)->b Mul(n,n)->c Add(n,c)->y Neg(a)->n");
  }
  CHECK(sound(model) == "sound");
}

TEST_CASE("A graph output keeps its name") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  output(proto, "y");
  weight(proto, "w", {1}, {1});
  node(proto, "Relu", {"x"}, {"a"});
  node(proto, "Abs", {"a"}, {"y"});
  node(proto, "Neg", {"y"}, {"r"});
  output(proto, "r");
  SECTION("the replacement's producer takes it, and its other readers follow") {
    Graph graph(model);
    graph.addNode({.opType = "Exp", .inputs = {"x"}, .outputs = {"e"}});
    graph.addNode({.opType = "Log", .inputs = {"e"}, .outputs = {"l"}});
    setFloatType(*proto.add_value_info(), "e", {1});
    graph.replaceTensor("y", "e");
    CHECK(text(model) == "Relu(x)->a Abs(a)->y_1 Neg(y)->r Exp(x)->y Log(y)->l");
    CHECK(idOf(*graph.producer("y")) == "y");
    CHECK(graph.producer("e") == nullptr);
    CHECK_FALSE(graph.isUsed("e"));
    CHECK(proto.value_info_size() == 0);
    CHECK(ids(graph.consumers("y")) == Names{"r", "l"});
    CHECK(graph.removeDead() == 3);
    CHECK(text(model) == "Neg(y)->r Exp(x)->y");
  }
  SECTION("its own ancestor") {
    Graph graph(model);
    graph.replaceTensor("y", "a");
    CHECK(text(model) == "Relu(x)->y Abs(y)->y_1 Neg(y)->r");
  }
  SECTION("a node put behind it") {
    Graph graph(model);
    graph.addNode({.opType = "Exp", .inputs = {"y"}, .outputs = {"e"}});
    graph.replaceTensor("y", "e");
    CHECK(text(model) == "Relu(x)->a Abs(a)->y_1 Neg(y)->r Exp(y_1)->y");
  }
  SECTION("an input, through an Identity") {
    Graph graph(model);
    graph.replaceTensor("y", "x");
    CHECK(text(model) == "Relu(x)->a Abs(a)->y_1 Neg(x)->r Identity(x)->y");
  }
  SECTION("an initializer, through an Identity") {
    Graph graph(model);
    graph.replaceTensor("y", "w");
    CHECK(text(model) == "Relu(x)->a Abs(a)->y_1 Neg(w)->r Identity(w)->y");
  }
  SECTION("a Constant node, through an Identity") {
    setAttribute(node(proto, "Constant", {}, {"k"}), "value_float", 1.0f);
    Graph graph(model);
    graph.replaceTensor("y", "k");
    CHECK(text(model) == "Relu(x)->a Abs(a)->y_1 Neg(k)->r Constant()->k Identity(k)->y");
  }
  SECTION("another output, through an Identity") {
    Graph graph(model);
    graph.replaceTensor("r", "y");
    CHECK(text(model) == "Relu(x)->a Abs(a)->y Neg(y)->r_1 Identity(y)->r");
  }
  SECTION("the second output of its own producer") {
    auto* maker = proto.mutable_node(1);
    maker->add_output(std::string("y2"));
    Graph graph(model);
    graph.replaceTensor("y", "y2");
    CHECK(text(model) == "Relu(x)->a Abs(a)->y_1,y Neg(y)->r");
  }
  CHECK(sound(model) == "sound");
}

TEST_CASE("An output that is a weight or an input") {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  weight(proto, "w", {1}, {1});
  node(proto, "Add", {"x", "w"}, {"a"});
  node(proto, "Relu", {"x"}, {"b"});
  for (const auto* name : {"x", "w", "a"}) output(proto, name);
  Graph graph(model);
  SECTION("a weight gives its name away") {
    graph.replaceTensor("w", "b");
    CHECK(text(model) == "Add(x,w)->a Relu(x)->w");
    CHECK(proto.initializer(0).name() == "w_1");
    CHECK(graph.isConstant("w_1"));
    CHECK_FALSE(graph.isConstant("w"));
  }
  SECTION("an input cannot") {
    graph.replaceTensor("x", "w");
    CHECK(text(model) == "Add(w,w)->a Relu(w)->b");
  }
  CHECK(sound(model) == "sound");
}

namespace {

// If(c){ Relu(a)->t } with t the body's output; the body reads `a` from outside.
onnx::GraphProto& bodyOf(onnx::GraphProto& graph, const std::string& result) {
  auto& branch = node(graph, "If", {"c"}, {result});
  auto* attribute = branch.add_attribute();
  attribute->set_name("then_branch");
  attribute->set_type(onnx::AttributeProto::GRAPH);
  return *attribute->mutable_g();
}

Model withBody() {
  auto model = emptyModel();
  auto& proto = model.graphProto();
  input(proto, "x");
  input(proto, "c", {});
  output(proto, "y");
  node(proto, "Relu", {"x"}, {"a"});
  node(proto, "Abs", {"x"}, {"b"});
  auto& body = bodyOf(proto, "y");
  node(body, "Neg", {"a"}, {"t"});
  output(body, "t");
  return model;
}

}  // namespace

TEST_CASE("Reads inside subgraphs count and are renamed") {
  auto model = withBody();
  auto& proto = model.graphProto();
  Graph graph(model);
  CHECK(ids(graph.consumers("a")) == Names{"y"});
  CHECK(graph.onlyConsumer("a") == graph.find("y"));
  CHECK_FALSE(graph.isUsed("t"));
  SECTION("renamed") {
    graph.replaceTensor("a", "b");
    CHECK(text(model) == "Relu(x)->a Abs(x)->b If(c){Neg(b)->t}->y");
    CHECK(ids(graph.consumers("b")) == Names{"y"});
    CHECK_FALSE(graph.isUsed("a"));
    CHECK(graph.removeDead() == 1);
  }
  SECTION("not removed, and sorted after what it reads") {
    CHECK(graph.removeDead() == 1);
    CHECK(text(model) == "Relu(x)->a If(c){Neg(a)->t}->y");
    proto.mutable_node()->SwapElements(0, 1);
    Graph again(model);
    REQUIRE(again.sort());
    CHECK(text(model) == "Relu(x)->a If(c){Neg(a)->t}->y");
  }
  SECTION("gone with the node") {
    graph.removeNode(graph.find("y"));
    CHECK(graph.consumers("a").empty());
  }
}

TEST_CASE("A body's own tensor of the same name is another tensor") {
  auto model = withBody();
  auto& body = *model.graphProto().mutable_node(2)->mutable_attribute(0)->mutable_g();
  SECTION("the body defines the old name") {
    body.mutable_node(0)->set_input(0, std::string("x"));
    node(body, "Exp", {"x"}, {"a"});
    node(body, "Log", {"a"}, {"u"});
    Graph graph(model);
    CHECK(graph.consumers("a").empty());
    graph.replaceTensor("a", "b");
    CHECK(text(model) == "Relu(x)->a Abs(x)->b If(c){Neg(x)->t Exp(x)->a Log(a)->u}->y");
  }
  SECTION("the body defines the new name, which gives way") {
    node(body, "Exp", {"a"}, {"b"});
    node(body, "Log", {"b"}, {"u"});
    output(body, "b");
    Graph graph(model);
    graph.replaceTensor("a", "b");
    CHECK(text(model) == "Relu(x)->a Abs(x)->b If(c){Neg(b)->t Exp(b)->b_1 Log(b_1)->u}->y");
    CHECK(body.output(1).name() == "b_1");
    CHECK(ids(graph.consumers("b")) == Names{"y"});
  }
  CHECK(sound(model) == "sound");
}

TEST_CASE("Bodies inside bodies") {
  auto model = withBody();
  auto& outer = *model.graphProto().mutable_node(2)->mutable_attribute(0)->mutable_g();
  auto& inner = bodyOf(outer, "v");
  node(inner, "Exp", {"a"}, {"e"});
  node(inner, "Log", {"t"}, {"l"});
  output(inner, "e");
  Graph graph(model);
  graph.replaceTensor("a", "b");
  CHECK(text(model) == "Relu(x)->a Abs(x)->b If(c){Neg(b)->t If(c){Exp(b)->e Log(t)->l}->v}->y");
  // `t` belongs to the outer body: nothing outside may touch it.
  graph.replaceTensor("t", "b");
  CHECK(text(model) == "Relu(x)->a Abs(x)->b If(c){Neg(b)->t If(c){Exp(b)->e Log(t)->l}->v}->y");
  CHECK(sound(model) == "sound");
}

TEST_CASE("A graph output read inside a body is replaced there as well") {
  auto model = withBody();
  output(model.graphProto(), "a");
  Graph graph(model);
  graph.replaceTensor("a", "b");
  CHECK(text(model) == "Relu(x)->a_1 Abs(x)->a If(c){Neg(a)->t}->y");
  CHECK(sound(model) == "sound");
}
