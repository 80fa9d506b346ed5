#include "tests/plugins/libraries.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <map>

using namespace ridgeline;
using namespace ridgeline::plugins;

namespace {

Result<std::vector<FoundPlugin>> findIn(std::vector<std::filesystem::path> folders, double seconds = 10) {
  return hostOf(std::move(folders), seconds).find(quietJob());
}

FoundPlugin probeFirst(OptionValues values = {}) {
  HostOptions options;
  if (!values.empty()) options.values["first"] = std::move(values);
  auto found = PluginHost(options).probe(libraryFolder("frozen") / "first.so", quietJob());
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("seven broken plugins are each named in one line, and the good one is still there") {
  const auto found = findIn({libraryFolder("broken"), libraryFolder("good")}, 1.5);
  REQUIRE(found);
  const std::map<std::string, std::string> expected = {
      {"wrong_abi.so", "wrong_abi.so: it is for plugin ABI 99, this Ridgeline speaks 1 to 1"},
      {"missing_symbol.so", "missing_symbol.so: it does not export ridgeline_plugin_open"},
      {"crash.so", "crash.so: it crashes (SIGSEGV) in devices()"},
      {"hang.so", "hang.so: it does not come back within 1.5 s in devices()"},
      {"nonsense.so", "nonsense.so: devices(): a RidgelineDevice says that it has 18446744073709551608 bytes"},
      {"throws.so", "throws.so: it throws an exception out of devices()"},
      {"double_free.so", "double_free.so: it crashes (SIGABRT) in close()"}};
  size_t named = 0, usable = 0;
  for (const auto& plugin : *found) {
    INFO(plugin.library << ": " << plugin.problem);
    if (plugin.usable()) {
      ++usable;
      CHECK(plugin.description.name == "broken");
      CHECK(plugin.library.filename() == "good.so");
      continue;
    }
    const auto line = expected.find(plugin.library.filename().string());
    REQUIRE(line != expected.end());
    CHECK(plugin.problem.find('\n') == std::string::npos);
    CHECK(plugin.problem.substr(0, line->second.size()) == line->second);
    ++named;
  }
  CHECK(named == expected.size());
  CHECK(usable == 1);
}

TEST_CASE("a plugin of ABI 1 says all it has to say") {
  const auto first = probeFirst();
  INFO(first.problem);
  REQUIRE(first.usable());
  const auto& d = first.description;
  CHECK(d.name == "first");
  CHECK(d.abi == 1);
  CHECK(d.collects);
  CHECK(d.injects);
  CHECK(d.measuresRoofs);
  REQUIRE(d.options.size() == 1);
  CHECK(d.options[0].name == "greeting");
  REQUIRE(d.devices.size() == 2);
  CHECK(d.devices[0].name == "hello");
  CHECK(d.devices[0].memoryBytes == 1024);
  CHECK(d.devices[0].unavailable.empty());
  CHECK(d.devices[1].unavailable == "it is switched off");
  CHECK(d.devices[1].remedy == "switch it on");
  REQUIRE(d.devices[0].counters.size() == 1);
  CHECK(d.devices[0].counters[0].name == "reads");
  REQUIRE(d.devices[0].rewrites.size() == 1);
  CHECK_FALSE(d.devices[0].rewrites[0].pays);
}

TEST_CASE("roofs and injection are asked of a process of their own") {
  const auto first = probeFirst();
  const PluginHost host({});
  const auto roofs = host.roofs(first, "0", 3, quietJob());
  REQUIRE(roofs);
  REQUIRE(roofs->size() == 1);
  CHECK((*roofs)[0].dtype == "float32");
  CHECK((*roofs)[0].value == 1e12);
  CHECK((*roofs)[0].threads == 3);
  const auto missing = host.roofs(first, "7", 3, quietJob());
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::Usage);
  CHECK(missing.error().message == "first.so: no such device");

  const auto injection = host.injection(first, "/spool", {"reads"}, quietJob());
  REQUIRE(injection);
  REQUIRE(injection->variables.size() == 1);
  CHECK(injection->variables[0].name == "FIRST_TOOL");
  CHECK(injection->variables[0].value == "/spool");
  CHECK(injection->variables[0].how == Variable::How::Prepend);
  CHECK(injection->messages.empty());
  CHECK_FALSE(host.injection(first, "/spool", {"writes"}, quietJob()));
}

TEST_CASE("options reach the plugin they are for, and no other") {
  CHECK(probeFirst({{"greeting", "a=b.c"}}).description.devices[0].name == "a=b.c");
  HostOptions unknown;
  unknown.values["first"]["volume"] = "11";
  const auto refused = PluginHost(unknown).probe(libraryFolder("frozen") / "first.so", quietJob());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::Usage);
  CHECK(refused.error().message.starts_with("plugin first has no option volume"));

  HostOptions nobody;
  nobody.folders = {libraryFolder("frozen")};
  nobody.values["second"]["greeting"] = "x";
  const auto none = PluginHost(nobody).find(quietJob());
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::Usage);

  HostOptions parsed;
  CHECK(addOption("cuda.nvtx=0", parsed));
  CHECK(addOption("cuda.dir=/a=b.c", parsed));
  CHECK(parsed.values["cuda"]["nvtx"] == "0");
  CHECK(parsed.values["cuda"]["dir"] == "/a=b.c");
  for (const char* bad : {"", "cuda", "cuda.nvtx", ".x=1", "cuda.=1", "=", "nvtx=cuda.1"}) {
    INFO(bad);
    CHECK_FALSE(addOption(bad, parsed));
  }
}

TEST_CASE("of two plugins of one name the first in the search path is in use") {
  const auto found = findIn({libraryFolder("good"), libraryFolder("lies")});
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].usable());
  CHECK((*found)[1].problem.find("there is a plugin of the name broken before it") != std::string::npos);
}

TEST_CASE("folders and libraries that are not there are no plugins") {
  CHECK(findIn({"/no/such/folder"})->empty());
  ::setenv("RIDGELINE_PLUGIN_PATH", "/a::/b/c.so:", 1);
  const auto folders = pluginFolders();
  ::unsetenv("RIDGELINE_PLUGIN_PATH");
  REQUIRE(folders.size() > 2);
  CHECK(folders[0] == "/a");
  CHECK(folders[1] == "/b/c.so");
}

TEST_CASE("a helper that is not there is said to be missing") {
  ::setenv("RIDGELINE_PLUGIN_HOST", "/no/such/program", 1);
  const auto found = findIn({libraryFolder("good")});
  ::unsetenv("RIDGELINE_PLUGIN_HOST");
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::Unavailable);
}
