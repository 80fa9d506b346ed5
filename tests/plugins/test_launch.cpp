#include "base/clock.h"
#include "base/files.h"
#include "collector/launch/launch_links.h"
#include "collector/launch/launcher.h"
#include "collector/launch/record_command.h"
#include "profile/timeline_vocabulary.h"
#include "tests/plugins/libraries.h"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <thread>

using namespace ridgeline;
using namespace ridgeline::collector;
namespace fs = std::filesystem;

namespace {

Result<LaunchOutcome> shell(const std::string& script, std::vector<plugins::Variable> variables = {}) {
  return launch({.command = {"sh", "-c", script}, .variables = std::move(variables)}, quietJob());
}

struct Recorded {
  Recorded() : folder(*TemporaryFolder::create("test-launch")) {
    ::setenv("RIDGELINE_CACHE_DIR", folder.path().c_str(), 1);
  }
  ~Recorded() { ::unsetenv("RIDGELINE_CACHE_DIR"); }
  Result<CommandSummary> record(std::vector<std::string> command, std::vector<std::string> counters = {},
                                double followSeconds = 10) {
    CommandRequest request{.command = std::move(command), .output = file(), .counters = std::move(counters)};
    request.plugins.folders = {libraryFolder("acme") / "libridgeline_acme.so"};
    request.followSeconds = followSeconds;
    return recordCommand(request, quietJob());
  }
  profile::Profile open() {
    auto profile = profile::Profile::open(file(), profile::Profile::Mode::ReadOnly);
    REQUIRE(profile);
    return std::move(*profile);
  }
  fs::path file() const { return folder.path() / "out.ridge"; }
  TemporaryFolder folder;
};

std::string demo() { return (libraryFolder("acme") / "acme_demo").string(); }

std::string cell(const profile::Profile& profile, const std::string& sql) {
  const auto table = profile.query(sql);
  INFO(sql);
  REQUIRE(table);
  REQUIRE(table->rows.size() == 1);
  return profile::textOf(table->rows[0][0]);
}

}  // namespace

TEST_CASE("the exit status is the command's") {
  CHECK(shell("exit 0")->exitStatus == 0);
  CHECK(shell("exit 42")->exitStatus == 42);
  const auto killed = shell("kill -TERM $$");
  CHECK(killed->exitStatus == 128 + SIGTERM);
  CHECK(killed->signal == SIGTERM);
  CHECK(shell("kill -9 $$")->exitStatus == 137);
}

TEST_CASE("a command that cannot be run is an error, and says why") {
  const auto missing = launch({.command = {"/no/such/program"}}, quietJob());
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::BadInput);
  CHECK(missing.error().message == "/no/such/program cannot be run: No such file or directory");
  CHECK_FALSE(launch({.command = {"/etc/passwd"}}, quietJob()));
  CHECK_FALSE(launch({.command = {}}, quietJob()));
}

TEST_CASE("variables replace, or stand before or behind what is there") {
  using How = plugins::Variable::How;
  ::setenv("RIDGELINE_TEST_PATH", "old", 1);
  ::unsetenv("RIDGELINE_TEST_NEW");
  const auto check = R"([ "$RIDGELINE_TEST_PATH" = "a:old:b" ] && [ "$RIDGELINE_TEST_NEW" = "x y=z" ])";
  CHECK(shell(check, {{"RIDGELINE_TEST_PATH", "a", How::Prepend},
                      {"RIDGELINE_TEST_PATH", "b", How::Append},
                      {"RIDGELINE_TEST_NEW", "x y=z", How::Append}})
            ->exitStatus == 0);
  CHECK(shell(R"([ "$RIDGELINE_TEST_PATH" = "c" ])", {{"RIDGELINE_TEST_PATH", "c", How::Replace}})->exitStatus == 0);
  ::unsetenv("RIDGELINE_TEST_PATH");
}

TEST_CASE("a command finds signals as it would without us") {
  std::signal(SIGPIPE, SIG_IGN);
  // A writer whose reader is gone dies of it, unless somebody upstream ignores SIGPIPE.
  CHECK(shell("(while :; do echo y; done; exit 3) | head -n 1 >/dev/null")->exitStatus == 0);
  std::signal(SIGPIPE, SIG_DFL);
  CHECK(shell("trap 'exit 7' INT; kill -INT $$; exit 1")->exitStatus == 7);
}

TEST_CASE("a signal sent to us alone reaches the command, and we go on") {
  for (const int number : {SIGINT, SIGTERM}) {
    const pid_t self = ::getpid();
    // Blocked here, too, so that the thread that launches gets it and not this one.
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, number);
    ::pthread_sigmask(SIG_BLOCK, &set, &before);
    std::thread sender([self, number] {
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
      ::kill(self, number);
    });
    const auto outcome = shell("trap 'exit 9' INT TERM; while :; do sleep 0.05; done");
    sender.join();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    REQUIRE(outcome);
    CHECK(outcome->exitStatus == 9);
  }
}

TEST_CASE("stopping the job ends the command") {
  StopFlag stop;
  Progress silent;
  std::thread stopper([&stop] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request();
  });
  const auto outcome = launch({.command = {"sleep", "60"}}, Job{silent, stop});
  stopper.join();
  REQUIRE(outcome);
  CHECK(outcome->signal == SIGTERM);
}

TEST_CASE("work finds its call in any order, and memory is bounded") {
  std::vector<std::pair<int64_t, int64_t>> given;  // slice, launch
  LaunchLinks links(
      [&](const LaunchLinks::Work& work) -> Status {
        const auto& kernel = std::get<profile::KernelLaunch>(work);
        given.emplace_back(kernel.slice.value, kernel.launch.value);
        return {};
      },
      4);
  const auto kernel = [&](uint64_t correlation, int64_t slice) {
    profile::KernelLaunch row;
    row.slice = {slice};
    REQUIRE(links.work(correlation, row));
  };
  links.call(1, {100});
  kernel(1, 1);  // after its call
  kernel(2, 2);  // before its call
  kernel(2, 3);  // of the same: a graph
  links.call(2, {200});
  kernel(0, 4);                                          // of no call
  for (int i = 0; i < 6; ++i) kernel(1000 + i, 10 + i);  // whose calls never come
  REQUIRE(links.finish());
  std::sort(given.begin(), given.end());
  CHECK(given == std::vector<std::pair<int64_t, int64_t>>{
                     {1, 100}, {2, 200}, {3, 200}, {4, 0}, {10, 0}, {11, 0}, {12, 0}, {13, 0}, {14, 0}, {15, 0}});
}

TEST_CASE("a program of the template's device is recorded whole") {
  Recorded recorded;
  const auto summary = recorded.record({demo()});
  REQUIRE(summary);
  for (const auto& n : summary->notes) UNSCOPED_INFO(n);
  CHECK(summary->exitStatus == 0);
  CHECK(summary->totals.kernels == 40);
  CHECK(summary->totals.copies == 40);
  CHECK(summary->totals.processes == 1);
  CHECK(summary->notes.empty());

  auto profile = recorded.open();
  CHECK(profile.complete());
  CHECK(cell(profile, "SELECT COUNT(*) FROM kernel") == "40");
  CHECK(cell(profile,
             "SELECT COUNT(*) FROM slice s JOIN label l ON l.id = s.label WHERE s.kind = 'kernel' AND "
             "l.text = 'gemm_128x128' AND s.duration_ns >= 800000") == "20");
  CHECK(cell(profile, "SELECT SUM(bytes) FROM copy WHERE direction = 'host_to_device'") == std::to_string(20 << 20));
  CHECK(cell(profile, "SELECT grid_x || ' ' || block_x FROM launch_shape ORDER BY id LIMIT 1") == "64 256");
  CHECK(cell(profile, "SELECT name FROM device") == "Acme One");
  CHECK(cell(profile, "SELECT COUNT(*) FROM roof WHERE level = 'PCIe'") == "1");
  // The device's clock is 34 hours ahead; in the profile everything lies within the run.
  const auto outside = fmt::format("SELECT COUNT(*) FROM slice WHERE start_ns < 0 OR start_ns + duration_ns > {}",
                                   static_cast<int64_t>(summary->seconds * 1e9));
  CHECK(cell(profile, outside) == "0");
}

TEST_CASE("children are followed, and each is a process of its own") {
  Recorded recorded;
  const auto summary = recorded.record({"sh", "-c", demo() + " >/dev/null & " + demo() + "; wait; exit 5"});
  REQUIRE(summary);
  CHECK(summary->exitStatus == 5);
  CHECK(summary->totals.processes == 2);
  CHECK(summary->totals.kernels == 80);
  auto profile = recorded.open();
  CHECK(cell(profile, "SELECT group_concat(name, ', ') FROM (SELECT name FROM rank ORDER BY ordinal)") ==
        "acme_demo, acme_demo #2");
}

TEST_CASE("a process that outlives the command is waited for") {
  Recorded recorded;
  const auto late = recorded.record({"sh", "-c", "(" + demo() + " >/dev/null; sleep 0.2) & sleep 0.02"});
  REQUIRE(late);
  CHECK(late->totals.kernels == 40);
}

TEST_CASE("a command that is killed leaves a profile that opens") {
  Recorded recorded;
  const auto summary = recorded.record({"sh", "-c", demo() + " & sleep 0.015; kill -9 $!; exit 1"});
  REQUIRE(summary);
  CHECK(summary->exitStatus == 1);
  auto profile = recorded.open();
  CHECK(profile.complete());
  CHECK(std::stoi(cell(profile, "SELECT COUNT(*) FROM kernel")) < 40);
}

TEST_CASE("a command that uses no device is recorded with the reason") {
  Recorded recorded;
  const auto summary = recorded.record({"true"});
  REQUIRE(summary);
  REQUIRE(summary->notes.size() == 1);
  CHECK(summary->notes[0] == "nothing was recorded: the command used no device of the plugins acme");
  CHECK(recorded.open().complete());
}

TEST_CASE("counters that nobody has are refused before the command runs") {
  Recorded recorded;
  const auto marker = recorded.folder.path() / "ran";
  const auto summary = recorded.record({"touch", marker.string()}, {"flux"});
  REQUIRE_FALSE(summary);
  CHECK(summary.error().code == ErrorCode::Usage);
  CHECK_FALSE(fs::exists(marker));
  CHECK_FALSE(fs::exists(recorded.file()));
}

TEST_CASE("a profile says nothing of where and by whom it was made") {
  Recorded recorded;
  ::setenv("RIDGELINE_TEST_SECRET", "hunter2", 1);
  REQUIRE(recorded.record({"sh", "-c", demo() + " >/dev/null; : hunter3"}));
  ::unsetenv("RIDGELINE_TEST_SECRET");
  const auto content = *readFile(recorded.file());
  for (const std::string& secret :
       {std::string("hunter"), libraryFolder("acme").string(), recorded.folder.path().string()}) {
    INFO(secret);
    CHECK(content.find(secret) == std::string::npos);
  }
}
