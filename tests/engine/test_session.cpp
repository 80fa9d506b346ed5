#include "engine/port_orders.h"
#include "tests/engine/models.h"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

using namespace ridgeline;
using namespace ridgeline::engine;
using namespace ridgeline::engine::test;

namespace {

Session open(const graph::Model& model, SessionOptions options = {}) {
  auto session = Session::create(model, options);
  if (!session) FAIL(session.error().text());
  return std::move(*session);
}

// What the process writes to standard error while `work` runs.
template <class Work>
std::string captureStderr(const std::filesystem::path& file, Work work) {
  ::fflush(stderr);
  const int saved = ::dup(2);
  const int sink = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(sink, 2);
  ::close(sink);
  work();
  ::fflush(stderr);
  ::dup2(saved, 2);
  ::close(saved);
  return *readFile(file);
}

}  // namespace

TEST_CASE("the engine is not left to report on the models it runs") {
  const auto session = open(addThenMultiply());
  const auto trace = std::filesystem::temp_directory_path() / fmt::format("mat-debug-{}.log", ::getpid());
  CHECK_FALSE(std::filesystem::exists(trace));  // what the telemetry of ONNX Runtime writes as it starts
}

TEST_CASE("a run computes what the model says") {
  auto session = open(addThenMultiply());
  REQUIRE(session.bind({{"x", floats({3}, {1, 2, 3})}, {"y", floats({3}, {10, 20, 30})}}));
  const auto outputs = session.runForOutputs();
  REQUIRE(outputs);
  CHECK(outputs->at("product") == floats({3}, {110, 440, 990}));
  const auto duration = session.run();
  REQUIRE(duration);
  CHECK(*duration > 0);
  // Bound again, with another length of the open dimension.
  REQUIRE(session.bind({{"x", floats({1}, {4})}, {"y", floats({1}, {5})}}));
  CHECK(session.runForOutputs()->at("product") == floats({1}, {45}));
}

TEST_CASE("data are taken and given as the original has them") {
  auto model = makeModel({{"x", {"2", "3"}}}, {{"y", {"2", "3"}}});
  addWeight(model.graphProto(), "w", floats({2, 1}, {10, 20}));
  addNode(model.graphProto(), "Add", {"x", "w"}, {"y"});
  keepPortOrders(model, {.inputs = {{"x", {1, 0}}}, .outputs = {{"y", {1, 0}}}});
  auto session = open(model);
  REQUIRE(session.bind({{"x", floats({3, 2}, {1, 2, 3, 4, 5, 6})}}));
  const auto expected = floats({3, 2}, {11, 22, 13, 24, 15, 26});
  CHECK(session.runForOutputs()->at("y") == expected);
  REQUIRE(session.runVisiting([&](const std::string&, const TensorView& value) {
    CHECK(value.dims == Dims{3, 2});
    CHECK(std::ranges::equal(value.bytes, expected.bytes()));
  }));
  CHECK_FALSE(session.bind({{"x", floats({2, 3}, {1, 2, 3, 4, 5, 6})}}));
  CHECK_FALSE(session.bind({{"x", floats({6}, {1, 2, 3, 4, 5, 6})}}));
}

TEST_CASE("ports say what the model leaves open") {
  const auto session = open(addThenMultiply());
  REQUIRE(session.inputs().size() == 2);
  CHECK(session.inputs()[0].name == "x");
  CHECK(session.inputs()[0].type == DataType::Float);
  CHECK(session.inputs()[0].dims == Dims{-1});
  CHECK(session.inputs()[0].symbols == std::vector<std::string>{"T"});
  CHECK(session.outputs()[0].name == "product");
}

TEST_CASE("inputs that do not fit are refused by name") {
  auto session = open(addThenMultiply());
  const auto x = floats({2}, {1, 2});
  CHECK(session.run().error().code == ErrorCode::Usage);
  const auto refuse = [&](const NamedTensors& inputs, const std::string& words) {
    const auto status = session.bind(inputs);
    REQUIRE_FALSE(status);
    CHECK(status.error().code == ErrorCode::BadInput);
    CHECK_THAT(status.error().message, Catch::Contains(words));
  };
  refuse({{"x", x}}, "input y is not given");
  refuse({{"x", x}, {"y", x}, {"z", x}}, "no input z");
  refuse({{"x", x}, {"y", longs({2}, {1, 2})}}, "input y is float32, given int64");
  refuse({{"x", x}, {"y", floats({1, 2}, {1, 2})}}, "input y has shape T, given 1x2");
  // Lengths that the model relates to each other are found out by the run.
  REQUIRE(session.bind({{"x", x}, {"y", floats({3}, {1, 2, 3})}}));
  const auto failed = session.run();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::BadInput);
  CHECK(failed.error().message.find('\n') == std::string::npos);
}

TEST_CASE("every kind of tensor goes in and comes out") {
  const auto echo = [](const Tensor& value, std::vector<std::string> dims) {
    auto model = makeModel({{"in", dims, value.type()}}, {{"out", dims, value.type()}}, 21);
    addNode(model.graphProto(), "Identity", {"in"}, {"out"});
    auto session = open(model);
    const auto bound = session.bind({{"in", value}});
    if (!bound) FAIL(bound.error().text());
    auto outputs = session.runForOutputs();
    if (!outputs) FAIL(outputs.error().text());
    return outputs->at("out");
  };
  const auto same = [&](const Tensor& value, std::vector<std::string> dims) { return echo(value, dims) == value; };
  CHECK(same(Tensor::scalar(2.5f), {}));
  CHECK(same(floats({2, 0, 3}, {}), {"2", "N", "3"}));
  CHECK(same(longs({2}, {INT64_MIN, INT64_MAX}), {"2"}));
  Tensor half(DataType::Float16, {2});
  half.as<uint16_t>()[0] = graph::floatToHalf(1.5f);
  CHECK(same(half, {"2"}));
  Tensor brain(DataType::Bfloat16, {1});
  brain.as<uint16_t>()[0] = graph::floatToBfloat16(-3.0f);
  CHECK(same(brain, {"1"}));
  Tensor flags(DataType::Bool, {2});
  flags.as<uint8_t>()[1] = 1;
  CHECK(same(flags, {"2"}));
  Tensor words(DataType::String, {2});
  words.strings() = {"", "Grüße"};
  CHECK(same(words, {"2"}));
}

TEST_CASE("elements of four bits go in and come out") {
  auto model = makeModel({{"in", {"3"}, DataType::Int4}}, {{"wide", {"3"}}, {"out", {"3"}, DataType::Int4}}, 21);
  addWeight(model.graphProto(), "one", Tensor::scalar(1.0f));
  addWeight(model.graphProto(), "zero", Tensor(DataType::Int4, {}));
  addNode(model.graphProto(), "DequantizeLinear", {"in", "one", "zero"}, {"wide"});
  addNode(model.graphProto(), "Neg", {"wide"}, {"negative"});
  addNode(model.graphProto(), "QuantizeLinear", {"negative", "one", "zero"}, {"out"});
  Tensor nibbles(DataType::Int4, {3});
  nibbles.as<uint8_t>()[0] = 0xE1;  // 1, then -2
  nibbles.as<uint8_t>()[1] = 0x03;
  auto session = open(model);
  REQUIRE(session.bind({{"in", nibbles}}));
  const auto outputs = session.runForOutputs();
  REQUIRE(outputs);
  CHECK(outputs->at("wide") == floats({3}, {1, -2, 3}));
  CHECK(outputs->at("out").toInts() == std::vector<int64_t>{-1, 2, -3});
}

TEST_CASE("outputs that are no tensors are left out, inputs that are none refused") {
  auto model = makeModel({{"x", {"2"}}}, {});
  addNode(model.graphProto(), "SequenceConstruct", {"x"}, {"list"});
  auto* type = model.graphProto().add_output();
  type->set_name("list");
  type->mutable_type()->mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type()->set_elem_type(1);
  auto session = open(model);
  CHECK(session.outputs()[0].type == DataType::Undefined);
  REQUIRE(session.bind({{"x", floats({2}, {1, 2})}}));
  REQUIRE(session.runForOutputs());
  CHECK(session.runForOutputs()->empty());

  auto takes = makeModel({}, {{"n", {}, DataType::Int64}});
  auto* input = takes.graphProto().add_input();
  input->set_name("list");
  input->mutable_type()->mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type()->set_elem_type(1);
  addNode(takes.graphProto(), "SequenceLength", {"list"}, {"n"});
  auto second = open(takes);
  const auto status = second.bind({});
  REQUIRE_FALSE(status);
  CHECK_THAT(status.error().message, Catch::Contains("input list is no tensor"));
}

TEST_CASE("an input without a shape takes any") {
  auto model = makeModel({{"x", {}}}, {{"y", {}}});
  model.graphProto().mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  model.graphProto().mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  addNode(model.graphProto(), "Neg", {"x"}, {"y"});
  auto session = open(model);
  CHECK_FALSE(session.inputs()[0].ranked);
  REQUIRE(session.bind({{"x", floats({1, 2}, {1, 2})}}));
  CHECK(session.runForOutputs()->at("y") == floats({1, 2}, {-1, -2}));
}

TEST_CASE("a model that does not load says why on one line, and only there") {
  auto folder = TemporaryFolder::create("test");
  REQUIRE(folder);
  auto model = makeModel({{"x", {"2"}}}, {{"y", {"2"}}});
  addNode(model.graphProto(), "NoSuchOperator", {"x"}, {"y"});
  std::string message;
  const auto printed = captureStderr(folder->path() / "err", [&] {
    const auto session = Session::create(model, {});
    if (!session) message = session.error().message;
    const auto observable = Session::create(model, {.observable = true});
    if (observable) message.clear();
  });
  CHECK(printed.empty());
  CHECK_THAT(message, Catch::Contains("NoSuchOperator"));
  CHECK(message.find('\n') == std::string::npos);
  const auto odd = Session::create(addThenMultiply(), {.config = {{"", "an entry without a key"}}});
  REQUIRE_FALSE(odd);
  CHECK(odd.error().code == ErrorCode::BadInput);
}

TEST_CASE("weights in files beside the model are found") {
  auto folder = TemporaryFolder::create("test");
  REQUIRE(folder);
  const std::vector<float> values = {1, 2, 3, 4};
  const std::string_view bytes(reinterpret_cast<const char*>(values.data()), 16);
  REQUIRE(writeFileAtomically(folder->path() / "weights.bin", bytes));
  auto model = makeModel({{"x", {"4"}}}, {{"y", {"4"}}});
  auto* weight = model.graphProto().add_initializer();
  weight->set_name("w");
  weight->set_data_type(onnx::TensorProto::FLOAT);
  weight->add_dims(4);
  weight->set_data_location(onnx::TensorProto::EXTERNAL);
  auto* entry = weight->add_external_data();
  entry->set_key("location");
  entry->set_value("weights.bin");
  addNode(model.graphProto(), "Add", {"x", "w"}, {"y"});
  REQUIRE(writeFileAtomically(folder->path() / "model.onnx", model.proto().SerializeAsString()));
  const auto loaded = graph::Model::load(folder->path() / "model.onnx");
  REQUIRE(loaded);
  auto session = open(*loaded);
  REQUIRE(session.bind({{"x", floats({4}, {10, 10, 10, 10})}}));
  CHECK(session.runForOutputs()->at("y") == floats({4}, {11, 12, 13, 14}));
}

TEST_CASE("the threads in use are as many as the engine starts") {
  const auto running = [] {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  open(addThenMultiply());  // the first session of a process also starts what all of them share
  const auto before = running();
  {
    const auto session = open(addThenMultiply());
    CHECK(session.threads() == running() - before + 1);  // the caller works too
  }
  const auto session = open(addThenMultiply(), {.threads = 3});
  CHECK(session.threads() == 3);
  CHECK(running() - before == 2);
}

TEST_CASE("options reach the engine") {
  CHECK(Session::engineName().starts_with("ONNX Runtime 1."));
  auto session = open(addThenMultiply(), {.threads = 2, .quietBetweenRuns = true});
  REQUIRE(session.bind({{"x", floats({1}, {1})}, {"y", floats({1}, {1})}}));
  CHECK(session.run());
  // An optimizer of the engine's, named and turned off, no longer folds.
  auto model = makeModel({{"x", {"2"}}}, {{"y", {"2"}}});
  addWeight(model.graphProto(), "w", floats({2}, {1, 2}));
  addNode(model.graphProto(), "Exp", {"w"}, {"folded"});
  addNode(model.graphProto(), "Add", {"x", "folded"}, {"y"});
  const auto nodes = [&](const std::map<std::string, std::string>& config) {
    return open(model, {.observable = true, .config = config}).optimizedModel()->graphProto().node_size();
  };
  CHECK(nodes({}) == 1);
  CHECK(nodes({{"optimization.disable_specified_optimizers", "ConstantFolding"}}) == 2);
}

TEST_CASE("a session moves with what is bound to it") {
  auto first = open(addThenMultiply());
  REQUIRE(first.bind({{"x", floats({1}, {1})}, {"y", floats({1}, {3})}}));
  auto second = std::move(first);
  CHECK(second.runForOutputs()->at("product") == floats({1}, {12}));
}
