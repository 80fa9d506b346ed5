#include "engine/port_orders.h"
#include "engine/tap.h"
#include "tests/engine/models.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::engine;
using namespace ridgeline::engine::test;

namespace {

ShapeMap probe(const graph::Model& model, const NamedTensors& inputs) {
  auto facts = probeShapes(model, inputs, 1);
  if (!facts) FAIL(facts.error().text());
  return std::move(*facts);
}

}  // namespace

TEST_CASE("every tensor of a run has its type and shape") {
  auto model = makeModel({{"x", {"N", "4"}}}, {{"flat", {""}}});
  auto& graph = model.graphProto();
  addWeight(graph, "w", Tensor(DataType::Float, {4, 5}));
  addWeight(graph, "all", longs({1}, {-1}));
  addNode(graph, "MatMul", {"x", "w"}, {"product"}, "same name");
  addNode(graph, "Shape", {"product"}, {"shape"}, "");
  addNode(graph, "Relu", {"product"}, {"positive"}, "");
  addNode(graph, "Reshape", {"positive", "all"}, {"flat"}, "");
  const auto facts = probe(model, {{"x", Tensor(DataType::Float, {3, 4})}});
  CHECK(facts.size() == 7);
  CHECK(facts.at("x").dims == Dims{3, 4});
  CHECK(facts.at("w").dims == Dims{4, 5});
  CHECK(facts.at("all").type == DataType::Int64);
  CHECK(facts.at("product").dims == Dims{3, 5});
  CHECK(facts.at("shape").type == DataType::Int64);
  CHECK(facts.at("shape").dims == Dims{2});
  CHECK(facts.at("positive").dims == Dims{3, 5});
  CHECK(facts.at("flat").dims == Dims{15});
}

TEST_CASE("types are those of the file, not of the kernel") {
  // There is no CPU kernel for products in half precision: the engine computes them in float between casts of its own.
  auto model = makeModel({{"x", {"2", "2"}, DataType::Float16}}, {{"z", {"2", "2"}, DataType::Float16}});
  addNode(model.graphProto(), "MatMul", {"x", "x"}, {"y"});
  addNode(model.graphProto(), "MatMul", {"y", "x"}, {"z"});
  const auto facts = probe(model, {{"x", Tensor(DataType::Float16, {2, 2})}});
  CHECK(facts.at("y").type == DataType::Float16);
  CHECK(facts.at("z").type == DataType::Float16);
  CHECK(facts.at("y").dims == Dims{2, 2});
}

TEST_CASE("absent outputs, sequences and bodies do not disturb") {
  auto model = chooseByIf();
  auto& graph = model.graphProto();
  auto& constant = addNode(graph, "Constant", {}, {"two"});
  graph::setAttribute(constant, "value", Tensor::scalar(2.0f));
  addNode(graph, "SequenceConstruct", {"chosen", "chosen"}, {"list"});
  addNode(graph, "SequenceLength", {"list"}, {"length"});
  addNode(graph, "Dropout", {"chosen"}, {"kept", "mask"});
  auto& pool = addNode(graph, "MaxPool", {"image"}, {"pooled", ""});
  graph::setAttribute(pool, "kernel_shape", std::vector<int64_t>{2, 2});
  setPort(*graph.add_input(), {"image", {"1", "1", "4", "4"}});
  const auto facts = probe(model, {{"choice", Tensor(DataType::Bool, {})},
                                   {"x", floats({3}, {1, 2, 3})},
                                   {"image", Tensor(DataType::Float, {1, 1, 4, 4})}});
  CHECK(facts.at("chosen").dims == Dims{3});
  CHECK(facts.at("two").dims.empty());
  CHECK(facts.at("two").type == DataType::Float);
  CHECK_FALSE(facts.contains("list"));
  CHECK(facts.at("length").type == DataType::Int64);
  CHECK(facts.at("mask").type == DataType::Bool);
  CHECK(facts.at("pooled").dims == Dims{1, 1, 3, 3});
}

TEST_CASE("values are those of each sample") {
  const auto model = addThenMultiply();
  const std::vector<NamedTensors> samples = {{{"x", floats({1}, {1})}, {"y", floats({1}, {2})}},
                                             {{"x", floats({1}, {10})}, {"y", floats({1}, {20})}}};
  const std::vector<std::string> wanted = {"sum", "x", "product"};
  std::map<std::string, std::vector<float>> seen;
  const auto status = tapTensors(model, samples, wanted, 1, [&](const std::string& name, const Tensor& value) {
    for (const float v : value.as<float>()) seen[name].push_back(v);
  });
  REQUIRE(status);
  CHECK(seen == std::map<std::string, std::vector<float>>{{"sum", {3, 30}}, {"x", {1, 10}}, {"product", {6, 600}}});
}

TEST_CASE("tensors are seen as the model has them, whatever the order of axes of its data") {
  auto model = makeModel({{"x", {"2", "3"}}}, {{"y", {"2", "3"}}});
  addNode(model.graphProto(), "Relu", {"x"}, {"a"});
  addNode(model.graphProto(), "Relu", {"a"}, {"y"});
  keepPortOrders(model, {.inputs = {{"x", {1, 0}}}, .outputs = {{"y", {1, 0}}}});
  const NamedTensors sample = {{"x", floats({3, 2}, {1, 2, 3, 4, 5, 6})}};
  const auto facts = probeShapes(model, sample, 1);
  REQUIRE(facts);
  for (const char* name : {"x", "a", "y"}) CHECK(facts->at(name).dims == Dims{2, 3});
  const std::vector<std::string> wanted = {"x", "a", "y"};
  int seen = 0;
  REQUIRE(tapTensors(model, {&sample, 1}, wanted, 1, [&](const std::string&, const Tensor& value) {
    CHECK(value == floats({2, 3}, {1, 3, 5, 2, 4, 6}));
    ++seen;
  }));
  CHECK(seen == 3);
}

TEST_CASE("tapping weights, nothing, and with inputs that do not fit") {
  auto model = makeModel({{"x", {"2"}}}, {{"y", {"2"}}});
  addWeight(model.graphProto(), "w", floats({2}, {5, 6}));
  addNode(model.graphProto(), "Add", {"x", "w"}, {"y"});
  const std::vector<NamedTensors> samples = {{{"x", floats({2}, {1, 2})}}};
  int calls = 0;
  const auto count = [&](const std::string& name, const Tensor& value) {
    ++calls;
    CHECK(name == "w");
    CHECK(value == floats({2}, {5, 6}));
  };
  CHECK(tapTensors(model, samples, std::vector<std::string>{"w"}, 1, count));
  CHECK(calls == 1);
  CHECK(tapTensors(model, samples, {}, 1, count));
  CHECK(calls == 1);
  const std::vector<NamedTensors> wrong = {{{"x", floats({3}, {1, 2, 3})}}};
  const auto status = tapTensors(model, wrong, std::vector<std::string>{"y"}, 1, count);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == ErrorCode::BadInput);
  CHECK_FALSE(probeShapes(model, wrong.front(), 1));
}
