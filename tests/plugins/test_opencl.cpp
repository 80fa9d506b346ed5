// The OpenCL plugin and its layer, on whatever OpenCL there is: PoCL in CI.
#include "base/clock.h"
#include "base/files.h"
#include "collector/launch/record_command.h"
#include "plugins/sdk/conformance/conformance.h"
#include "tests/plugins/libraries.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <thread>

using namespace ridgeline;
using namespace ridgeline::plugins;
namespace fs = std::filesystem;

namespace {

fs::path library() { return fs::path(RIDGELINE_RUNTIME_LIBRARIES) / "plugins" / "libridgeline_opencl.so"; }
std::string program() { return (libraryFolder("opencl") / "opencl_work").string(); }

// The plugin, if there is a device that it sees.
std::optional<FoundPlugin> openClHere() {
  const auto found = PluginHost({}).probe(library(), quietJob());
  REQUIRE(found);
  INFO(found->problem);
  REQUIRE(found->usable());
  if (found->description.devices.empty()) {
    WARN("skipped: " + found->description.noDevices);
    return std::nullopt;
  }
  return *found;
}

struct Recording {
  Recording() : folder(*TemporaryFolder::create("test-opencl")) {
    ::setenv("RIDGELINE_CACHE_DIR", folder.path().c_str(), 1);
  }
  ~Recording() { ::unsetenv("RIDGELINE_CACHE_DIR"); }
  // What the program says of itself: a line "KEY VALUE" each.
  std::map<std::string, int64_t> run(std::vector<std::string> arguments) {
    collector::CommandRequest request{.output = folder.path() / "out.ridge", .measureRoofs = false};
    const auto said = folder.path() / "said";
    std::string command = program();
    for (const auto& a : arguments) command += " " + a;
    request.command = {"sh", "-c", command + " > " + said.string()};
    request.plugins.folders = {library()};
    auto recorded = collector::recordCommand(request, quietJob());
    REQUIRE(recorded);
    summary = *recorded;
    std::map<std::string, int64_t> values;
    std::ifstream in(said);
    for (std::string key; in >> key;) in >> values[key];
    return values;
  }
  int64_t number(const std::string& sql) {
    auto profile = profile::Profile::open(folder.path() / "out.ridge", profile::Profile::Mode::ReadOnly);
    REQUIRE(profile);
    const auto table = profile->query(sql);
    REQUIRE(table);
    REQUIRE(table->rows.size() == 1);
    const auto text = profile::textOf(table->rows[0][0]);
    return text.empty() ? 0 : std::stoll(text);
  }
  TemporaryFolder folder;
  collector::CommandSummary summary;
};

}  // namespace

TEST_CASE("the OpenCL plugin passes every check") {
  const auto outcomes = testPlugin(library(), quietJob());
  REQUIRE(outcomes);
  for (const auto& o : *outcomes) {
    INFO(o.title << ": " << o.problem);
    CHECK(o.verdict != CheckOutcome::Verdict::Failed);
  }
}

TEST_CASE("kernels and copies of an OpenCL program are recorded as the program counts and times them") {
  if (!openClHere()) return;
  Recording recording;
  auto said = recording.run({"profiled"});
  CHECK(recording.summary.exitStatus == 0);
  REQUIRE(said["kernels"] > 0);
  for (const auto& n : recording.summary.notes) UNSCOPED_INFO(n);
  CHECK(recording.summary.totals.kernels == said["kernels"]);
  CHECK(recording.summary.totals.copies == said["copies"]);
  CHECK(recording.summary.totals.lost == 0);
  // The very numbers that the program's own events have.
  CHECK(recording.number("SELECT SUM(duration_ns) FROM slice WHERE kind = 'kernel'") == said["kernel_ns"]);
  CHECK(recording.number("SELECT SUM(duration_ns) FROM slice s JOIN label l ON l.id = s.label "
                         "WHERE s.kind = 'kernel' AND l.text = 'scale'") == said["scale_ns"]);
  CHECK(recording.number("SELECT SUM(bytes) FROM copy WHERE direction = 'host_to_device'") == said["bytes_written"]);
  CHECK(recording.number("SELECT SUM(bytes) FROM copy WHERE direction = 'device_to_host'") == said["bytes_read"]);
  // 4096 items in groups of 64, where the program says so.
  CHECK(recording.number("SELECT COUNT(*) FROM kernel k JOIN launch_shape p ON p.id = k.shape "
                         "WHERE p.grid_x = 64 AND p.block_x = 64") == said["grouped"]);
  // Every kernel has the call that launched it, which began before it.
  CHECK(recording.number("SELECT COUNT(*) FROM kernel k JOIN slice s ON s.id = k.slice JOIN slice c ON c.id = k.launch "
                         "WHERE c.kind = 'call' AND c.start_ns <= s.start_ns + 50000") == said["kernels"]);
  CHECK(recording.number("SELECT COUNT(*) FROM track WHERE kind = 'stream'") == said["queues"]);
  CHECK(recording.number("SELECT COUNT(*) FROM slice WHERE kind = 'sync'") > 0);
}

TEST_CASE("a program that did not ask for profiling is not told of it, and is recorded all the same") {
  if (!openClHere()) return;
  Recording recording;
  auto said = recording.run({"plain"});
  CHECK(recording.summary.exitStatus == 0);  // the program checks what it is told
  CHECK(recording.summary.totals.kernels == said["kernels"]);
  CHECK(recording.number("SELECT MIN(duration_ns) FROM slice WHERE kind = 'kernel'") > 0);
}

TEST_CASE("an OpenCL program that is killed leaves what it did") {
  if (!openClHere()) return;
  Recording recording;
  auto said = recording.run({"killed"});
  CHECK(recording.summary.exitStatus == 137);
  CHECK(recording.summary.totals.kernels > 0);
  CHECK(recording.summary.totals.kernels <= said["kernels"] + 1000);  // and what it did before it was killed
}

// Bytes per second of a sum over an array far larger than a usual cache.
double plainReadBandwidth() {
  const std::vector<uint64_t> data(size_t{64} << 20, 1);
  double best = 0;
  for (int i = 0; i < 3; ++i) {
    const Stopwatch watch;
    const auto sum = std::accumulate(data.begin(), data.end(), uint64_t{0});
    REQUIRE(sum == data.size());
    best = std::max(best, static_cast<double>(data.size() * sizeof data[0]) / watch.seconds());
  }
  return best;
}

TEST_CASE("roofs of an OpenCL device are measured") {
  const auto plugin = openClHere();
  if (!plugin) return;
  const auto roofs = PluginHost({}).roofs(*plugin, plugin->description.devices[0].id, 0, quietJob());
  REQUIRE(roofs);
  double flops = 0, bandwidth = 0;
  for (const auto& roof : *roofs) {
    if (roof.dtype == "float32") flops = roof.value;
    if (roof.level == "DRAM" && roof.pattern == "read") bandwidth = roof.value;
  }
  CHECK(flops > 1e8);
  CHECK(flops < 1e16);
  CHECK(bandwidth > 1e8);
  CHECK(bandwidth < 1e14);
  if (plugin->description.devices[0].kind != "cpu") return;
  // A processor's memory is the same memory: one plain loop of one thread must not be several times faster, and not so
  // much slower than all threads that these cannot have read from memory.
  const double plain = plainReadBandwidth();
  CHECK(bandwidth > 0.2 * plain);
  CHECK(bandwidth < 3 * std::max(1U, std::thread::hardware_concurrency()) * plain);
}
