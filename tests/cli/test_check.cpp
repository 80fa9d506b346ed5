// The gate, as a pipeline meets it: `check`, `publish` and `history` through the program.
#include "base/files.h"
#include "tests/cli/program.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

using namespace ridgeline;
using namespace ridgeline::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() : folder(std::move(*TemporaryFolder::create("cli-check"))) {}
  std::string operator/(const std::string& name) const { return (folder.path() / name).string(); }
  TemporaryFolder folder;
};

std::string textOf(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

size_t recordingsIn(const fs::path& folder) {
  size_t n = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) n += entry.path().extension() == ".ridge";
  return n;
}

}  // namespace

TEST_CASE("the first check makes the baseline, and later ones are judged by it") {
  const Folder folder;
  const auto model = sampleModel("tiny-resnet").string();
  const auto first = runProgram({"check", model, "--baseline", folder / "runs", "--budget", "4s"});
  INFO(first.err);
  CHECK(first.status == 0);
  CHECK(first.out.find("baseline") != std::string::npos);
  CHECK(recordingsIn(folder / "runs") == 1);

  // Twice as slow is allowed, so that the verdict is not a matter of the machine's mood.
  const auto second = runProgram({"check", model, "--baseline", folder / "runs", "--budget", "4s", "--max-regression",
                                  "100%", "--format", "json", "--junit", folder / "junit.xml", "--sarif",
                                  folder / "check.sarif", "--markdown", folder / "comment.md"});
  INFO(second.err);
  CHECK(second.status == 0);
  const auto result = json::parse(second.out);
  CHECK(result["passed"] == true);
  CHECK(result["latency_ratio"].get<double>() < 2);
  CHECK(result["regressions"].empty());
  CHECK(textOf(folder / "junit.xml").find("failures=\"0\"") != std::string::npos);
  CHECK(json::parse(textOf(folder / "check.sarif"))["runs"][0]["results"].empty());
  CHECK(textOf(folder / "comment.md").find("tiny-resnet") != std::string::npos);
  CHECK(recordingsIn(folder / "runs") == 1);  // a check that has a baseline leaves it alone
}

TEST_CASE("a broken limit fails the check, and every report says which") {
  const Folder folder;
  const auto ran = runProgram({"check", sampleModel("tiny-resnet").string(), "--baseline", folder / "runs", "--budget",
                               "3s", "--max-model-size", "1kB", "--github", "--junit", folder / "junit.xml", "--sarif",
                               folder / "check.sarif"});
  CHECK(ran.status == 1);
  CHECK(ran.out.find("::error") != std::string::npos);
  CHECK(textOf(folder / "junit.xml").find("<failure") != std::string::npos);
  const auto results = json::parse(textOf(folder / "check.sarif"))["runs"][0]["results"];
  REQUIRE(results.size() == 1);
  CHECK(results[0]["ruleId"] == "model_size");
}

TEST_CASE("a recording is published once, listed, and old ones are removed on request") {
  const Folder folder;
  const auto record = [&](const std::string& name) {
    REQUIRE(
        runProgram({"record", sampleModel("tiny-resnet").string(), "-o", folder / name, "--duration", "0.1s"}).status ==
        0);
  };
  const auto publish = [&](const std::string& name, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"publish", folder / name, "--to", folder / "runs", "--project", "demo"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runProgram(arguments);
  };
  const auto runs = [&] {
    const auto listed = runProgram({"history", "--from", folder / "runs", "--format", "json"});
    REQUIRE(listed.status == 0);
    return json::parse(listed.out)["runs"].size();
  };
  record("one.ridge");
  record("two.ridge");
  CHECK(publish("one.ridge").status == 0);
  CHECK(publish("one.ridge").status == 0);
  CHECK(runs() == 1);
  CHECK(publish("two.ridge").status == 0);
  CHECK(runs() == 2);
  CHECK(publish("two.ridge", {"--keep", "1"}).status == 0);
  CHECK(runs() == 1);
  const auto text = runProgram({"history", "tiny-resnet.onnx", "--from", folder / "runs"});
  CHECK(text.status == 0);
  CHECK(std::count(text.out.begin(), text.out.end(), '\n') >= 2);  // a head and a run
}

TEST_CASE("what cannot be a baseline, and a store that is not there, are one line") {
  const Folder folder;
  const auto model = sampleModel("tiny-resnet").string();
  std::ofstream(folder / "broken.ridge") << "not a recording";
  const auto refused = [](const Ran& ran, int status) {
    INFO(ran.err);
    CHECK(ran.status == status);
    CHECK(ran.errLines() == 1);
    CHECK(ran.out.empty());
  };
  refused(runProgram({"check", model, "--baseline", folder / "broken.ridge"}), 3);
  refused(runProgram({"check", folder / "missing.onnx", "--baseline", folder / "runs"}), 3);
  refused(runProgram({"check", model, "--baseline", "postgres://127.0.0.1:1/none"}), 4);
  refused(runProgram({"publish", folder / "broken.ridge", "--to", folder / "runs"}), 3);
  refused(runProgram({"history", "--from", folder / "nowhere"}), 3);
  std::ofstream(folder / "ridgeline.toml") << "budget = [";
  refused(runProgram({"check", model, "--config", folder / "ridgeline.toml"}), 3);
}
