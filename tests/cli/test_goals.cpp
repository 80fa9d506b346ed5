// Goals, limits, specializations and settings of `optimize`, through the program itself. Nothing here depends on what
// is faster on the machine that runs it.
#include "base/files.h"
#include "engine/settings.h"
#include "graph/model.h"
#include "tests/cli/program.h"
#include "tests/graph/build.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace ridgeline;
using namespace ridgeline::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

class Scratch {
 public:
  Scratch() {
    auto folder = TemporaryFolder::create("goals");
    REQUIRE(folder);
    m_folder.emplace(std::move(*folder));
    m_model = m_folder->path() / "bert.onnx";
    fs::copy_file(sampleModel("tiny-bert"), m_model);
  }
  fs::path model() const { return m_model; }
  fs::path path(const std::string& name) const { return m_folder->path() / name; }

  // The result, of a run that ends with this status.
  json optimize(const std::vector<std::string>& more, int status = 0) const {
    std::vector<std::string> arguments{"optimize",  m_model.string(),
                                       "-o",        path("out.onnx").string(),
                                       "--shape",   "N=1",
                                       "--shape",   "T=16",
                                       "--threads", "2",
                                       "--format",  "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto ran = runProgram(arguments);
    INFO(ran.err);
    REQUIRE(ran.status == status);
    return json::parse(ran.out);
  }

 private:
  std::optional<TemporaryFolder> m_folder;
  fs::path m_model;
};

int64_t openDims(const graph::Model& model) {
  int64_t open = 0;
  for (const auto& input : model.graphProto().input()) {
    for (const auto& dim : input.type().tensor_type().shape().dim()) open += !dim.has_dim_value();
  }
  return open;
}

}  // namespace

TEST_CASE("with size as the goal, the model becomes smaller and stays right") {
  const Scratch scratch;
  // Slower is allowed: what is faster depends on the machine.
  const auto r = scratch.optimize({"--goal", "size", "--max-latency", "10s", "--budget", "20s"});
  CHECK(r["goal"] == "size");
  REQUIRE(r["changed"] == true);
  CHECK(r["model_bytes"]["after"].get<double>() < 0.7 * r["model_bytes"]["before"].get<double>());
  CHECK(r["output_error"]["cosine"].get<double>() >= 0.99);
  CHECK(fs::file_size(scratch.path("out.onnx")) < 0.7 * static_cast<double>(fs::file_size(scratch.model())));
  double before = r["model_bytes"]["before"];
  for (const auto& t : r["accepted"]) {
    if (t["bytes"].is_null()) continue;
    CHECK(t["bytes"]["before"].get<double>() <= before);
    CHECK(t["bytes"]["after"].get<double>() < t["bytes"]["before"].get<double>());
    before = t["bytes"]["after"];
  }
}

TEST_CASE("a limit that the fastest breaks is searched for") {
  const Scratch scratch;
  const auto bytes = static_cast<double>(fs::file_size(scratch.model()));
  const auto limit = fmt::format("{:.0f}B", bytes * 0.7);
  const auto r = scratch.optimize({"--max-model-size", limit, "--max-latency", "10s", "--budget", "60s"});
  CHECK(r["constraints_met"] == true);
  CHECK(r["model_bytes"]["after"].get<double>() <= bytes * 0.7);
  CHECK(r["obstacles"].empty());
}

TEST_CASE("a limit of time that is met is no reason to fail") {
  const Scratch scratch;
  const auto r = scratch.optimize({"--max-latency", "10s", "--exact", "--budget", "1s"});
  CHECK(r["constraints_met"] == true);
  CHECK(r["unmet"].empty());
}

TEST_CASE("a limit that nothing reaches is answered with the nearest, and what stood in the way") {
  const Scratch scratch;
  const auto r = scratch.optimize({"--max-model-size", "10B", "--exact", "--budget", "5s"}, 1);
  CHECK(r["constraints_met"] == false);
  CHECK_THAT(r["unmet"][0].get<std::string>(), Catch::StartsWith("model size ") && Catch::EndsWith(" is above 10.0 B"));
  CHECK_FALSE(r["obstacles"].empty());
  CHECK(graph::Model::load(scratch.path("out.onnx")));
}

TEST_CASE("a metric that does not work is told before anything is tried") {
  const Scratch scratch;
  const auto ran = runProgram({"optimize", scratch.model().string(), "-o", scratch.path("out.onnx").string(),
                               "--metric", "false", "--min-metric", "1"});
  CHECK(ran.status == 3);
  CHECK_THAT(ran.err, Catch::Contains("the metric command 'false' failed"));
}

TEST_CASE("shapes are pinned where that was asked for, and the output says so") {
  const Scratch scratch;
  const auto r = scratch.optimize({"--pin-shapes", "--goal", "size", "--max-latency", "10s", "--budget", "15s"});
  REQUIRE(r["changed"] == true);
  CHECK_THAT(r["specialization"].get<std::string>(),
             Catch::StartsWith("for the input shapes ") && Catch::Contains("1x16"));
  const auto out = graph::Model::load(scratch.path("out.onnx"));
  REQUIRE(out);
  CHECK(openDims(*out) == 0);
  CHECK(out->metadata("specialization") == r["specialization"].get<std::string>());
  CHECK(
      std::any_of(r["accepted"].begin(), r["accepted"].end(), [](const json& t) { return t["rule"] == "pin-shapes"; }));
  CHECK(openDims(*graph::Model::load(scratch.model())) > 0);
}

TEST_CASE("the order of axes of inputs and outputs is changed where that was allowed, and the output says so") {
  const Scratch scratch;
  auto model = graph::Model::create(17, "transposed");
  graph::test::input(model.graphProto(), "x", {1, 16, 16, 8});
  graph::test::output(model.graphProto(), "y", {1, 8, 16, 16});
  auto& transpose = graph::test::node(model.graphProto(), "Transpose", {"x"}, {"t"});
  graph::setAttribute(transpose, "perm", std::vector<int64_t>{0, 3, 1, 2});
  graph::test::node(model.graphProto(), "Relu", {"t"}, {"y"});
  REQUIRE(model.save(scratch.path("transposed.onnx")));
  const auto optimize = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"optimize",
                                       scratch.path("transposed.onnx"),
                                       "-o",
                                       scratch.path("out.onnx"),
                                       "--goal",
                                       "size",
                                       "--max-latency",
                                       "10s",
                                       "--budget",
                                       "20s",
                                       "--format",
                                       "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto ran = runProgram(arguments);
    INFO(ran.err);
    REQUIRE(ran.status == 0);
    return json::parse(ran.out);
  };
  const auto kept = optimize({});
  CHECK(kept["io_layout"].is_null());
  const auto r = optimize({"--allow-io-layout"});
  REQUIRE(r["changed"] == true);
  CHECK(r["io_layout"] == json::parse(R"([{"kind": "input", "name": "x", "order": [0, 3, 1, 2]}])"));
  CHECK(r["output_error"]["max_abs"] == 0);
  const auto out = graph::Model::load(scratch.path("out.onnx"));
  REQUIRE(out);
  CHECK(graph::test::text(out->graphProto()) == "Relu(x)->y");
  CHECK(out->metadata("io_layout") == "input x NHWC to NCHW");
}

TEST_CASE("a model's own engine settings are what it is measured with") {
  const Scratch scratch;
  const engine::Settings settings{.spinning = false};
  REQUIRE(writeFileAtomically(engine::settingsPathOf(scratch.model()), engine::toJson(settings)));
  REQUIRE(
      writeFileAtomically(scratch.path("out.engine.json"), engine::toJson({.threads = 7})));  // of an earlier result
  const auto r = scratch.optimize({"--exact", "--budget", "1s"});
  CHECK_THAT(r["notes"].dump(), Catch::Contains("its own engine settings: no spinning"));
  const auto beside = engine::settingsFor(scratch.path("out.onnx"), {});
  REQUIRE(beside);
  CHECK(beside->spinning == false);
  CHECK(beside->threads != 7);
  CHECK(r["engine_settings"]["spinning"] == false);
  CHECK(r["engine_settings_file"] == scratch.path("out.engine.json").string());

  const auto record = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"record",     scratch.model().string(),
                                       "-o",         scratch.path("p.ridge").string(),
                                       "--shape",    "T=16",
                                       "--duration", "100ms",
                                       "--format",   "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runProgram(arguments);
  };
  CHECK_THAT(record({}).out, Catch::Contains("engine settings: no spinning"));
  REQUIRE(writeFileAtomically(scratch.path("own.json"), engine::toJson({.threads = 1})));
  const auto named = json::parse(record({"--engine-settings", scratch.path("own.json").string()}).out);
  CHECK(named["threads"] == 1);
  REQUIRE(writeFileAtomically(scratch.path("own.json"), R"({"spining": false})"));
  const auto misspelt = record({"--engine-settings", scratch.path("own.json").string()});
  CHECK(misspelt.status == 3);
  CHECK_THAT(misspelt.err, Catch::Contains("no setting is called spining"));
}
