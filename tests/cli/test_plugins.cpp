// `plugin list`, `plugin test` and `record -- COMMAND`, as a user meets them.
#include "base/files.h"
#include "tests/cli/program.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <signal.h>

#include <algorithm>
#include <fstream>

using namespace ridgeline;
using namespace ridgeline::tests;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() : folder(std::move(*TemporaryFolder::create("cli-plugins"))) {}
  std::string operator/(const std::string& name) const { return (folder.path() / name).string(); }
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("the plugins that come with the program are listed with their devices") {
  const auto ran = runProgram({"plugin", "list", "--format", "json"});
  INFO(ran.err);
  REQUIRE(ran.status == 0);
  const auto list = nlohmann::json::parse(ran.out);
  CHECK(list.at("schema_version") == 1);
  const auto& plugins = list.at("plugins");
  const auto cpu =
      std::find_if(plugins.begin(), plugins.end(), [](const auto& p) { return p.value("name", "") == "cpu"; });
  REQUIRE(cpu != plugins.end());
  CHECK(cpu->at("problem").is_null());
  REQUIRE(cpu->at("devices").size() == 1);
  const auto& counters = cpu->at("devices")[0].at("counters");
  REQUIRE_FALSE(counters.empty());
  for (const auto& c : counters)
    CHECK((c.at("unavailable").is_null() || !c.at("unavailable").get<std::string>().empty()));
  const auto text = runProgram({"plugin", "list"});
  CHECK(text.status == 0);
  CHECK(text.out.find("cpu 1.0.0") != std::string::npos);
}

TEST_CASE("a recorded command keeps its exit status and its output") {
  const Folder folder;
  const auto ran = runProgram({"record", "-o", folder / "out.ridge", "--", "sh", "-c", "echo hello; exit 7"});
  CHECK(ran.status == 7);
  CHECK(ran.out == "hello\n");
  CHECK(ran.err.find("exit status 7") != std::string::npos);
  const auto asked = runProgram(
      {"query", folder / "out.ridge", "SELECT value FROM meta WHERE key = 'exit_status'", "--format", "json"});
  CHECK(asked.out.find("\"7\"") != std::string::npos);
  // Options behind -- are the command's own.
  const auto options =
      runProgram({"record", "-o", folder / "two.ridge", "--", "sh", "-c", "exit $#", "x", "--help", "-o", "y"});
  CHECK(options.status == 3);
  CHECK(runProgram({"report", folder / "two.ridge"}).status == 0);
}

TEST_CASE("Ctrl-C reaches the command, and what was recorded is kept") {
  const Folder folder;
  const auto ran = runInterrupted(
      {"record", "-o", folder / "out.ridge", "--", "sh", "-c", "trap 'exit 5' INT; while :; do sleep 0.05; done"},
      SIGINT, 3000);
  INFO(ran.err);
  CHECK(ran.status == 5);
  CHECK(fs::exists(folder / "out.ridge"));
}

TEST_CASE("wrong usage of record and plugin is one line") {
  const Folder folder;
  const auto refused = [](const Ran& ran, int status, const std::string& words) {
    INFO(ran.err);
    CHECK(ran.status == status);
    CHECK(ran.errLines() == 1);
    CHECK(ran.err.find(words) != std::string::npos);
  };
  refused(runProgram({"record", "-o", folder / "x.ridge", "--", "/no/such/program"}), 3, "cannot be run");
  refused(runProgram({"record", "--"}), 2, "nothing to record");
  refused(runProgram({"record"}), 2, "nothing to record");
  refused(runProgram({"record", "model.onnx", "--", "true"}), 2, "not both");
  refused(runProgram({"record", "--plugin-option", "nonsense", "--", "true"}), 2, "PLUGIN.NAME=VALUE");
  refused(runProgram({"record", "-o", folder / "x.ridge", "--plugin-option", "nobody.x=1", "--", "true"}), 2,
          "there is no plugin nobody");
  refused(runProgram({"record", "-o", folder / "x.ridge", "--counters", "unicorns", "--", "true"}), 2, "unicorns");
  refused(runProgram({"plugin", "test", "/no/such/library.so"}), 3, "no such file");
  CHECK(runProgram({"plugin"}).status == 2);
  CHECK_FALSE(fs::exists(folder / "x.ridge"));
}

TEST_CASE("a file that is no plugin fails the test of plugins with status 1") {
  const Folder folder;
  std::ofstream(folder / "x.so") << "not a library";
  const auto ran = runProgram({"plugin", "test", folder / "x.so"});
  CHECK(ran.status == 1);
  CHECK(ran.out.find("FAILED") != std::string::npos);
  CHECK(ran.out.find("cannot be loaded") != std::string::npos);
}

TEST_CASE("what a plugin says of rewrites on the processor stands in the advice") {
  const Folder folder;
  const fs::path adviser = fs::path(RIDGELINE_TEST_LIBRARIES) / "adviser";
  REQUIRE(fs::exists(adviser / "adviser.so"));
  const auto profile = folder / "net.ridge";
  REQUIRE(runProgram({"record", sampleModel("tiny-bert").string(), "-o", profile, "--duration", "0.2s"}).status == 0);
  ::setenv("RIDGELINE_PLUGIN_PATH", adviser.c_str(), 1);
  const auto advised = runProgram({"advise", profile, "--format", "json"});
  ::unsetenv("RIDGELINE_PLUGIN_PATH");
  INFO(advised.err);
  REQUIRE(advised.status == 0);
  const auto advice = nlohmann::json::parse(advised.out).at("advice");
  int spoken = 0;
  for (const auto& a : advice) {
    if (a.at("rule") != "remove-noops") continue;
    ++spoken;  // the first plugin on the path is heeded
    CHECK(a.at("evidence").back() == "plugin broken says that it does not pay: its makers measured it");
  }
  CHECK(spoken > 0);
}
