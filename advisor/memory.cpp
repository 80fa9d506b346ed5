#include "advisor/memory.h"

#include "base/files.h"
#include "engine/settings.h"

#include <fcntl.h>
#include <malloc.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>

extern char** environ;

namespace ridgeline::advisor {
namespace {

struct Finished {
  int status = 0;
  std::string output;
};

// Runs a program to its end with stdin and stderr on /dev/null, keeping what it prints.
Result<Finished> runProgram(const std::vector<std::string>& command) {
  int pipes[2];
  if (pipe2(pipes, O_CLOEXEC) != 0) return unavailable(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  std::vector<char*> argv;
  for (const auto& a : command) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  pid_t child = -1;
  const int rc = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipes[1]);
  if (rc != 0) {
    close(pipes[0]);
    return unavailable(fmt::format("cannot start {}: {}", command.front(), std::strerror(rc)));
  }
  Finished done;
  char buffer[4096];
  while (true) {
    const ssize_t n = read(pipes[0], buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done.output.append(buffer, static_cast<size_t>(n));
  }
  close(pipes[0]);
  while (waitpid(child, &done.status, 0) < 0 && errno == EINTR) {
  }
  return done;
}

std::optional<double> lastNumberIn(std::string_view text) {
  std::optional<double> last;
  while (!text.empty()) {
    const auto at = text.find_first_of("0123456789+-.");
    if (at == std::string_view::npos) break;
    text.remove_prefix(at);
    double value = 0;
    auto [rest, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec == std::errc()) {
      last = value;
      text.remove_prefix(static_cast<size_t>(rest - text.data()));
    } else {
      text.remove_prefix(1);
    }
  }
  return last;
}

Result<std::filesystem::path> saveInto(const TemporaryFolder& folder, const graph::Model& model) {
  const auto path = folder.path() / "model.onnx";
  if (auto saved = model.save(path); !saved) return passOn(saved);
  if (const auto settings = engine::settingsIn(model); !settings.empty()) {
    auto written = writeFileAtomically(engine::settingsPathOf(path), engine::toJson(settings));
    if (!written) return passOn(written);
  }
  return path;
}

}  // namespace

Result<double> peakMemoryOf(const std::vector<std::string>& command) {
  auto done = runProgram(command);
  if (!done) return passOn(done);
  if (!WIFEXITED(done->status) || WEXITSTATUS(done->status) != 0) {
    return unavailable(fmt::format("{} failed while its memory was measured", command.front()));
  }
  const auto bytes = lastNumberIn(done->output);
  if (!bytes) return unavailable(fmt::format("{} did not say how much memory it took", command.front()));
  return *bytes;
}

Result<double> peakMemoryOf(std::vector<std::string> command, const graph::Model& model) {
  if (command.empty()) return unavailable("nothing is known that runs a model to measure its memory");
  auto folder = TemporaryFolder::create("memory");
  if (!folder) return passOn(folder);
  auto path = saveInto(*folder, model);
  if (!path) return passOn(path);
  command.push_back(path->string());
  return peakMemoryOf(command);
}

Result<double> ownPeakMemory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) != 0) continue;
    if (const auto kib = lastNumberIn(line)) return *kib * 1024;
  }
  return unavailable("this system does not tell a process its peak memory");
}

void resetOwnPeakMemory() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

Result<double> runMetric(const std::string& command, const std::filesystem::path& model) {
  auto done = runProgram({"/bin/sh", "-c", command + " \"$1\"", "sh", model.string()});
  if (!done) return passOn(done);
  if (!WIFEXITED(done->status) || WEXITSTATUS(done->status) != 0) {
    return badInput(fmt::format("the metric command '{}' failed", command), "run it by hand with a model's path");
  }
  const auto number = lastNumberIn(done->output);
  if (!number) return badInput(fmt::format("the metric command '{}' printed no number", command));
  return *number;
}

Result<double> runMetric(const std::string& command, const graph::Model& model) {
  auto folder = TemporaryFolder::create("metric");
  if (!folder) return passOn(folder);
  auto path = saveInto(*folder, model);
  if (!path) return passOn(path);
  return runMetric(command, *path);
}

}  // namespace ridgeline::advisor
