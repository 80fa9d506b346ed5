#include "engine/settings.h"
#include "tests/engine/models.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::engine;

namespace {

Settings everything() {
  return {
      .threads = 3, .spinning = false, .parallel = true, .arena = false, .memoryPattern = false, .prepacking = false};
}

// y = x W, where W is large enough to be repacked for the kernel.
graph::Model product() {
  auto model = test::makeModel({{"x", {"8", "64"}}}, {{"y", {"8", "64"}}});
  graph::Tensor weight(graph::DataType::Float, {64, 64});
  auto values = weight.as<float>();
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 7) - 3;
  test::addWeight(model.graphProto(), "w", weight);
  test::addNode(model.graphProto(), "MatMul", {"x", "w"}, {"y"});
  return model;
}

}  // namespace

TEST_CASE("settings survive being written and read") {
  for (const auto& settings : {Settings{}, everything(), Settings{.threads = 1}, Settings{.arena = true}}) {
    const auto back = parseSettings(toJson(settings), "test");
    REQUIRE(back);
    CHECK(*back == settings);
  }
}

TEST_CASE("settings that cannot be meant are refused with the key and what it may hold") {
  const auto [text, says] =
      GENERATE(table<std::string, std::string>({{R"([1])", "no JSON object"},
                                                {R"({"threads": )", "no JSON object"},
                                                {R"({"threads": 0})", "threads must be a number from 1 to 1024"},
                                                {R"({"threads": 2.5})", "threads must be"},
                                                {R"({"threads": 1e99})", "threads must be"},
                                                {R"({"arena": "yes"})", "arena must be true or false"},
                                                {R"({"spining": false})", "no setting is called spining"},
                                                {R"({"schema_version": 2})", "schema_version must be 1"}}));
  const auto read = parseSettings(text, "a.json");
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::BadInput);
  CHECK_THAT(read.error().message, Catch::StartsWith("a.json: ") && Catch::Contains(says));
}

TEST_CASE("settings are found beside the model by its name") {
  auto folder = TemporaryFolder::create("settings");
  REQUIRE(folder);
  const auto model = folder->path() / "net.v2.onnx", other = folder->path() / "other.json";
  CHECK(settingsPathOf(model).filename() == "net.v2.engine.json");
  CHECK(settingsFor(model, {}).value() == Settings{});
  REQUIRE(writeFileAtomically(settingsPathOf(model), toJson(everything())));
  REQUIRE(writeFileAtomically(other, toJson({.spinning = false})));
  CHECK(settingsFor(model, {}).value() == everything());
  SECTION("a file that is named wins") { CHECK(settingsFor(model, other).value() == Settings{.spinning = false}); }
  SECTION("threads that are asked for win") {
    auto expected = everything();
    expected.threads.reset();
    CHECK(settingsFor(model, {}, 2).value() == expected);
  }
  SECTION("a file that is named must be there") { CHECK_FALSE(settingsFor(model, folder->path() / "missing.json")); }
}

TEST_CASE("a model runs to the same outputs whatever the settings") {
  const auto model = product();
  graph::Tensor x(graph::DataType::Float, {8, 64});
  auto values = x.as<float>();
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 5);
  const auto outputs = [&](const Settings& settings) {
    auto session = Session::create(model, {.threads = 2, .settings = settings});
    REQUIRE(session);
    CHECK(session->threads() == settings.threads.value_or(2));
    REQUIRE(session->bind({{"x", x}}));
    const auto y = session->runForOutputs();
    REQUIRE(y);
    const auto floats = y->at("y").as<float>();
    return std::vector<float>(floats.begin(), floats.end());
  };
  CHECK(outputs(everything()) == outputs({}));
}

TEST_CASE("a model carries settings on its way, and not the defaults") {
  auto model = product();
  CHECK(settingsIn(model).empty());
  keepSettings(model, everything());
  CHECK(settingsIn(model.clone()) == everything());
  CHECK(model.proto().metadata_props_size() == 0);
  keepSettings(model, {});
  CHECK(settingsIn(model).empty());
}

TEST_CASE("settings are told in words") {
  CHECK(describe({}) == "");
  CHECK(describe({.threads = 1, .spinning = false}) == "1 thread, no spinning");
}
