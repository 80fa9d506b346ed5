#include "tests/cli/program.h"

#include "base/files.h"

#include <catch2/catch.hpp>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <sstream>
#include <thread>

namespace ridgeline::tests {
namespace {

const std::filesystem::path& workFolder() {
  static const auto folder = [] {
    auto made = TemporaryFolder::create("cli-test");
    REQUIRE(made);
    return std::move(*made);
  }();
  return folder.path();
}

Ran runWith(const std::vector<std::string>& arguments, const std::function<void()>& inChild,
            const std::function<void(pid_t)>& meanwhile) {
  const auto out = workFolder() / "stdout", err = workFolder() / "stderr";
  const auto cache = (workFolder() / "cache").string();
  std::vector<std::string> command{RIDGELINE_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    setenv("RIDGELINE_CACHE_DIR", cache.c_str(), 1);
    if (!freopen("/dev/null", "r", stdin) || !freopen(out.c_str(), "w", stdout) || !freopen(err.c_str(), "w", stderr))
      _exit(99);
    inChild();
    std::vector<char*> argv;
    for (auto& a : command) argv.push_back(a.data());
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(98);
  }
  meanwhile(child);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  Ran ran;
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ran.out = readFile(out).value_or("");
  ran.err = readFile(err).value_or("");
  return ran;
}

}  // namespace

int Ran::errLines() const { return static_cast<int>(std::count(err.begin(), err.end(), '\n')); }

Ran runProgram(const std::vector<std::string>& arguments) {
  return runWith(
      arguments, [] {}, [](pid_t) {});
}

Ran runWithLittleDisk(const std::vector<std::string>& arguments, int blocks) {
  const auto limit = [blocks] {
    const rlimit l{static_cast<rlim_t>(blocks) * 512, static_cast<rlim_t>(blocks) * 512};
    setrlimit(RLIMIT_FSIZE, &l);
  };
  return runWith(arguments, limit, [](pid_t) {});
}

Ran runInterrupted(const std::vector<std::string>& arguments, int number, int ms) {
  return runWith(
      arguments, [] {},
      [=](pid_t child) {
        std::this_thread::sleep_for(std::chrono::milliseconds(ms));
        kill(child, number);
      });
}

int widestLine(const std::string& text) {
  int widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    widest = std::max(
        widest, static_cast<int>(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; })));
  }
  return widest;
}

std::filesystem::path sampleModel(const std::string& name) {
  const auto path = workFolder() / (name + ".onnx");
  if (!std::filesystem::exists(path)) {
    const auto made = runProgram({"sample", name, "-o", path.string()});
    INFO(made.err);
    REQUIRE(made.status == 0);
  }
  return path;
}

}  // namespace ridgeline::tests
