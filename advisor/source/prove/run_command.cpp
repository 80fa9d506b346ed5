#include "advisor/source/prove/run_command.h"

#include "base/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace ridgeline::source {
namespace {

constexpr size_t kMostOutput = size_t{1} << 30;

struct Pipe {
  int read = -1, write = -1;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  void closeRead() { close(read); }
  void closeWrite() { close(write); }
  ~Pipe() {
    closeRead();
    closeWrite();
  }

 private:
  static void close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
};

[[noreturn]] void becomeShell(const char* command, const char* folder, int out, int err) {
  ::setpgid(0, 0);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  const int null = ::open("/dev/null", O_RDONLY);
  if (null >= 0) ::dup2(null, STDIN_FILENO);
  ::signal(SIGPIPE, SIG_DFL);
  if (::chdir(folder) == 0) ::execl("/bin/sh", "sh", "-c", command, static_cast<char*>(nullptr));
  ::_exit(127);
}

std::string lastLine(const std::string& text) {
  auto end = text.find_last_not_of("\r\n \t");
  if (end == std::string::npos) return "";
  const auto start = text.rfind('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1,
                     end - (start == std::string::npos ? 0 : start + 1) + 1);
}

}  // namespace

Result<CommandRun> runCommand(const std::string& command, const std::filesystem::path& folder, Job job) {
  Pipe out, err;
  if (!out.open() || !err.open()) return unavailable(fmt::format("cannot run '{}': {}", command, std::strerror(errno)));
  const std::string where = folder.string();
  const Stopwatch watch;
  const pid_t child = ::fork();
  if (child < 0) return unavailable(fmt::format("cannot run '{}': {}", command, std::strerror(errno)));
  if (child == 0) becomeShell(command.c_str(), where.c_str(), out.write, err.write);
  out.closeWrite();
  err.closeWrite();
  CommandRun run;
  std::string errors;
  bool stopped = false;
  std::array<char, 65536> buffer;
  std::array<pollfd, 2> wait{pollfd{out.read, POLLIN, 0}, pollfd{err.read, POLLIN, 0}};
  while (wait[0].fd >= 0 || wait[1].fd >= 0) {
    ::poll(wait.data(), wait.size(), 100);
    for (size_t i = 0; i < wait.size(); ++i) {
      if (wait[i].fd < 0 || (wait[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      const auto n = ::read(wait[i].fd, buffer.data(), buffer.size());
      if (n > 0) {
        (i == 0 ? run.out : errors).append(buffer.data(), static_cast<size_t>(n));
      } else if (n == 0 || errno != EINTR) {
        wait[i].fd = -1;
      }
    }
    if (errors.size() > 1 << 16) errors.erase(0, errors.size() - (1 << 15));
    if (!stopped && (job.stop.requested() || run.out.size() > kMostOutput)) {
      stopped = true;
      ::kill(-child, SIGTERM);
    }
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  run.ms = watch.ms();
  if (auto stop = job.stop.check(); !stop) return passOn(stop);
  if (stopped) return unavailable(fmt::format("'{}' prints more than a gigabyte", command), "let it print less");
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.lastError = lastLine(errors);
  return run;
}

}  // namespace ridgeline::source
