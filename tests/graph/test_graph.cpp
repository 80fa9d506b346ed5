// Questions to a graph, and the plain edits.
#include "tests/graph/chain.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::graph;
using namespace ridgeline::graph::test;

TEST_CASE("Nodes, producers and consumers are found") {
  auto model = chain();
  const Graph graph(model);
  CHECK(ids(graph.nodes()) == Names{"a", "b", "y"});
  CHECK(ids(graph.nodesOf("Mul")) == Names{"b"});
  CHECK(graph.nodesOf("Mul", "com.microsoft").empty());
  CHECK(graph.find("b")->op_type() == "Mul");
  CHECK(graph.find("x") == nullptr);
  CHECK(graph.find("") == nullptr);
  CHECK(graph.producer("a")->op_type() == "Relu");
  CHECK(graph.producer("x") == nullptr);
  CHECK(graph.producer("w") == nullptr);
  CHECK(graph.producerOf(*graph.find("b"), 1, "Relu") == graph.find("a"));
  CHECK(graph.producerOf(*graph.find("b"), 1, "Abs") == nullptr);
  CHECK(graph.producerOf(*graph.find("b"), 2, "Relu") == nullptr);
  CHECK(ids(graph.consumers("a")) == Names{"b"});
  CHECK(graph.onlyConsumer("a") == graph.find("b"));
  CHECK(graph.onlyConsumer("y") == nullptr);
  CHECK(graph.onlyConsumer("nothing") == nullptr);
  CHECK(graph.isGraphInput("x"));
  CHECK_FALSE(graph.isGraphInput("w"));
  CHECK(graph.isGraphOutput("y"));
  CHECK(graph.isUsed("y"));
  CHECK_FALSE(graph.isUsed("nothing"));
}

TEST_CASE("Outputs left unnamed do not count") {
  auto model = emptyModel();
  input(model.graphProto(), "x");
  node(model.graphProto(), "LSTM", {"x"}, {"", "", "c"});
  node(model.graphProto(), "Print", {"c"}, {});
  const Graph graph(model);
  CHECK(idOf(*graph.nodes()[0]) == "c");
  CHECK(graph.find("c") == graph.nodes()[0]);
  CHECK(idOf(*graph.nodes()[1]).empty());
}

TEST_CASE("Operators are told by type and domain") {
  onnx::NodeProto one;
  one.set_op_type("Gelu");
  CHECK(isOp(one, "Gelu"));
  CHECK(isOp(one, "Gelu", "ai.onnx"));
  CHECK_FALSE(isOp(one, "Gelu", "com.microsoft"));
  one.set_domain("ai.onnx");
  CHECK(isOp(one, "Gelu"));
  one.set_domain("com.microsoft");
  CHECK_FALSE(isOp(one, "Gelu"));
}

TEST_CASE("Attributes are read with their defaults, set and removed") {
  onnx::NodeProto one;
  CHECK(intAttribute(one, "axis", -1) == -1);
  setAttribute(one, "axis", int64_t{0});
  setAttribute(one, "alpha", 0.5f);
  setAttribute(one, "mode", std::string("linear"));
  setAttribute(one, "perm", std::vector<int64_t>{1, 0});
  setAttribute(one, "scales", std::vector<float>{2});
  setAttribute(one, "value", Tensor::scalar(3));
  CHECK(intAttribute(one, "axis", -1) == 0);
  CHECK(floatAttribute(one, "alpha", 1) == 0.5f);
  CHECK(stringAttribute(one, "mode", "nearest") == "linear");
  CHECK(intsAttribute(one, "perm") == std::vector<int64_t>{1, 0});
  CHECK(findAttribute(one, "scales")->type() == onnx::AttributeProto::FLOATS);
  CHECK(findAttribute(one, "value")->t().raw_data().size() == 4);
  setAttribute(one, "perm", int64_t{7});  // another type takes the place
  CHECK(intsAttribute(one, "perm").empty());
  CHECK(findAttribute(one, "perm")->type() == onnx::AttributeProto::INT);
  CHECK(one.attribute_size() == 6);
  removeAttribute(one, "mode");
  CHECK(stringAttribute(one, "mode", "nearest") == "nearest");
  CHECK(one.attribute_size() == 5);
}

TEST_CASE("Constants are initializers and Constant nodes of every kind") {
  auto model = emptyModel();
  auto& graph = model.graphProto();
  weight(graph, "w", {2}, {1, 2});
  setAttribute(node(graph, "Constant", {}, {"tensor"}), "value", Tensor::scalar(0.5f));
  setAttribute(node(graph, "Constant", {}, {"float"}), "value_float", 0.25f);
  setAttribute(node(graph, "Constant", {}, {"int"}), "value_int", int64_t{1} << 53 | 1);
  setAttribute(node(graph, "Constant", {}, {"ints"}), "value_ints", std::vector<int64_t>{7});
  setAttribute(node(graph, "Constant", {}, {"floats"}), "value_floats", std::vector<float>{1, 2});
  setAttribute(node(graph, "Constant", {}, {"string"}), "value_string", std::string("s"));
  node(graph, "Constant", {}, {"empty"});
  const Graph indexed(model);
  CHECK(indexed.constant("w")->toFloats() == std::vector<float>{1, 2});
  CHECK(indexed.constantDims("w") == Dims{2});
  CHECK(indexed.constantType("w") == DataType::Float);
  CHECK_FALSE(indexed.scalarConstant("w"));
  CHECK(indexed.scalarConstant("tensor") == 0.5);
  CHECK(indexed.scalarConstant("float") == 0.25);
  CHECK(indexed.constantType("int") == DataType::Int64);
  CHECK(indexed.constant("int")->toInts() == std::vector<int64_t>{int64_t{1} << 53 | 1});
  CHECK(indexed.scalarConstant("ints") == 7);
  CHECK(indexed.constantDims("floats") == Dims{2});
  CHECK(indexed.constant("string")->strings() == std::vector<std::string>{"s"});
  CHECK_FALSE(indexed.scalarConstant("string"));
  CHECK_FALSE(indexed.isConstant("empty"));
  CHECK_FALSE(indexed.constant("nothing"));
}

TEST_CASE("An initializer that callers may override is no constant") {
  auto model = chain();
  input(model.graphProto(), "w", {3});
  SECTION("from IR version 4 on") {
    CHECK_FALSE(Graph(model).isConstant("w"));
    CHECK_FALSE(Graph(model).isGraphInput("w"));
  }
  SECTION("before, every weight was listed") {
    model.proto().set_ir_version(3);
    CHECK(Graph(model).isConstant("w"));
    CHECK_FALSE(Graph(model).isGraphInput("w"));
  }
}

TEST_CASE("Fresh names are in use nowhere") {
  auto model = chain();
  model.graphProto().mutable_node(0)->set_name("first");
  auto& loop = node(model.graphProto(), "Loop", {"a"}, {"z"});
  auto& body = *loop.add_attribute()->mutable_g();
  node(body, "Relu", {"a"}, {"inner"}).set_name("deep");
  Graph graph(model);
  CHECK(graph.uniqueName("new") == "new");
  CHECK(graph.uniqueName("new") == "new_1");
  CHECK(graph.uniqueName("new") == "new_2");
  for (const auto* taken : {"x", "y", "w", "a", "first", "inner", "deep"}) CHECK(graph.uniqueName(taken) != taken);
}

TEST_CASE("Nodes are added, rewired and removed") {
  auto model = chain();
  Graph graph(model);
  auto* added = graph.addNode(
      {.opType = "Clip", .inputs = {"a", "", "w"}, .attributes = {{"note", int64_t{1}}}, .domain = "made.up"});
  CHECK(added->name() == "Clip");
  CHECK(idOf(*added) == "Clip_out");
  CHECK(added->domain() == "made.up");
  CHECK(ids(graph.consumers("a")) == Names{"b", "Clip_out"});
  CHECK(graph.onlyConsumer("a") == nullptr);
  checkIndexes(graph);

  graph.setInput(graph.find("y"), 0, "Clip_out");
  CHECK_FALSE(graph.isUsed("b"));
  CHECK(graph.onlyConsumer("Clip_out") == graph.find("y"));
  graph.setInput(added, 4, "x");
  CHECK(text(model) == "Relu(x)->a Mul(a,a)->b Add(Clip_out,w)->y Clip(a,,w,,x)->Clip_out");
  checkIndexes(graph);

  graph.removeNode(graph.find("b"));
  CHECK(graph.find("b") == nullptr);
  CHECK(ids(graph.consumers("a")) == Names{"Clip_out"});
  graph.setOutput(added, 0, "renamed");
  CHECK(graph.producer("Clip_out") == nullptr);
  CHECK(graph.find("renamed") == added);
  checkIndexes(graph);
}

TEST_CASE("An output can be given to a new node before or after the old one goes") {
  auto model = chain();
  Graph graph(model);
  auto* old = graph.find("y");
  SECTION("before") {
    auto* made = graph.addNode({.opType = "Sub", .inputs = {"b", "w"}, .outputs = {"y"}});
    graph.removeNode(old);
    CHECK(graph.producer("y") == made);
  }
  SECTION("after") {
    graph.removeNode(old);
    CHECK(graph.producer("y") == nullptr);
    graph.addNode({.opType = "Sub", .inputs = {"b", "w"}, .outputs = {"y"}});
  }
  CHECK(text(model) == "Relu(x)->a Mul(a,a)->b Sub(b,w)->y");
  checkIndexes(graph);
}

TEST_CASE("Weights are added under a free name") {
  auto model = chain();
  Graph graph(model);
  CHECK(graph.addInitializer("w", Tensor::scalar(4)) == "w_1");
  CHECK(graph.scalarConstant("w_1") == 4.0);
  CHECK(model.graphProto().input_size() == 1);

  model.proto().set_ir_version(3);
  const auto old = graph.addInitializer("w", Tensor::scalar(5));
  CHECK(graph.scalarConstant(old) == 5.0);
  CHECK(model.graphProto().input(1).name() == old);  // as that version asks for
  CHECK(Model::parse(model.proto().SerializeAsString()));
}
