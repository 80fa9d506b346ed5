#include "plugins/sdk/host/helper_process.h"

#include "base/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace ridgeline::plugins {
namespace fs = std::filesystem;
namespace {

constexpr size_t kLargestAnswer = 64u << 20;

// The end that is read.
class AnswerReader {
 public:
  explicit AnswerReader(int fd) : m_fd(fd) {}
  AnswerReader(const AnswerReader&) = delete;
  AnswerReader& operator=(const AnswerReader&) = delete;
  ~AnswerReader() { ::close(m_fd); }

  // False at the end of the stream. Waits for at most `ms`.
  bool readSome(int ms) {
    pollfd p{m_fd, POLLIN, 0};
    if (::poll(&p, 1, ms) <= 0) return true;
    char buffer[65536];
    const ssize_t n = ::read(m_fd, buffer, sizeof buffer);
    if (n < 0) return errno == EINTR || errno == EAGAIN;
    if (n == 0 || m_text.size() > kLargestAnswer) return false;
    m_text.append(buffer, static_cast<size_t>(n));
    return true;
  }

  void take(HelperOutcome& outcome) const {
    for (size_t at = 0; at < m_text.size();) {
      const auto end = m_text.find('\n', at);
      if (end == std::string::npos) break;  // cut off in the middle
      const auto line = std::string_view(m_text).substr(at, end - at);
      if (line.starts_with(kStepPrefix)) outcome.step = line.substr(kStepPrefix.size());
      if (line.starts_with(kAnswerPrefix)) outcome.answer = line.substr(kAnswerPrefix.size());
      at = end + 1;
    }
  }

 private:
  int m_fd;
  std::string m_text;
};

struct SpawnActions {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  SpawnActions() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnActions() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
};

// In a process group of its own, so that whatever the plugin starts ends with it; silent, because what libraries print
// is not Ridgeline's answer.
Result<pid_t> spawnHelper(const fs::path& program, const std::vector<std::string>& arguments, int answers) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const auto& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  SpawnActions actions;
  posix_spawn_file_actions_addopen(&actions.files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!std::getenv("RIDGELINE_PLUGIN_HOST_VERBOSE")) {
    posix_spawn_file_actions_addopen(&actions.files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions.files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&actions.files, answers, kHelperAnswers);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigdefault(&actions.attributes, &all);
  posix_spawnattr_setpgroup(&actions.attributes, 0);
  posix_spawnattr_setflags(&actions.attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, program.c_str(), &actions.files, &actions.attributes, argv.data(), environ);
  if (failed != 0) return unavailable(fmt::format("{} cannot be run: {}", program.string(), std::strerror(failed)));
  return pid;
}

void describeEnd(int status, HelperOutcome& outcome) {
  if (WIFSIGNALED(status)) {
    outcome.failure = fmt::format("crashes ({})", signalName(WTERMSIG(status)));
  } else if (WEXITSTATUS(status) != 0 || outcome.answer.empty()) {
    outcome.failure = fmt::format("ends the process with status {}", WEXITSTATUS(status));
  } else {
    outcome.finished = true;
  }
}

}  // namespace

std::string signalName(int number) {
  const char* abbreviation = ::sigabbrev_np(number);
  return abbreviation ? fmt::format("SIG{}", abbreviation) : fmt::format("signal {}", number);
}

Result<fs::path> helperProgram() {
  std::error_code ec;
  if (const char* named = std::getenv("RIDGELINE_PLUGIN_HOST"); named && *named) {
    if (fs::is_regular_file(named, ec)) return fs::absolute(named);
    return unavailable(fmt::format("{}: no such file, and RIDGELINE_PLUGIN_HOST names it", named),
                       "unset or correct it");
  }
  const fs::path name = "ridgeline-plugin-host";
  const fs::path programs = fs::read_symlink("/proc/self/exe", ec).parent_path();
  for (const auto& candidate :
       {programs / name, programs / ".." / "libexec" / "ridgeline" / name, fs::path(RIDGELINE_HELPER_BUILT)}) {
    if (fs::is_regular_file(candidate, ec)) return fs::weakly_canonical(candidate);
  }
  return unavailable(fmt::format("{} was not found near {}", name.string(), programs.string()),
                     "reinstall, or name it with RIDGELINE_PLUGIN_HOST");
}

Result<HelperOutcome> runHelper(const std::vector<std::string>& arguments, double timeoutSeconds,
                                const StopFlag& stop) {
  const auto program = helperProgram();
  if (!program) return tl::unexpected<Error>(program.error());
  // Both ends above 3, so that dup2 onto 3 cannot meet itself and lose close-on-exec.
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return unavailable(fmt::format("no pipe: {}", std::strerror(errno)));
  const int high = ::fcntl(ends[1], F_DUPFD_CLOEXEC, kHelperAnswers + 1);
  ::close(ends[1]);
  AnswerReader reader(ends[0]);
  const auto pid = spawnHelper(*program, arguments, high);
  ::close(high);
  if (!pid) return tl::unexpected<Error>(pid.error());

  HelperOutcome outcome;
  const Stopwatch watch;
  int status = 0;
  // A plugin may leave a process that keeps the pipe open: the end of the helper counts, not that of the stream.
  bool open = true, ended = false;
  while (!ended) {
    if (open) {
      open = reader.readSome(20);
    } else {
      ::poll(nullptr, 0, 5);
    }
    ended = ::waitpid(*pid, &status, WNOHANG) == *pid;
    if (!ended && (watch.seconds() > timeoutSeconds || stop.requested())) break;
  }
  ::kill(-*pid, SIGKILL);
  if (!ended) ::waitpid(*pid, &status, 0);
  for (int i = 0; i < 1000 && open && ended; ++i) {  // what it wrote last
    pollfd p{ends[0], POLLIN, 0};
    if (::poll(&p, 1, 0) <= 0) break;
    open = reader.readSome(0);
  }
  if (stop.requested()) return fail(ErrorCode::Interrupted, "interrupted");
  reader.take(outcome);
  if (ended) {
    describeEnd(status, outcome);
  } else {
    outcome.failure = fmt::format("does not come back within {:.3g} s", timeoutSeconds);
  }
  return outcome;
}

}  // namespace ridgeline::plugins
