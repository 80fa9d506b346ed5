#include "collector/launch/launcher.h"

#include "base/clock.h"

#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

extern char** environ;

namespace ridgeline::collector {
namespace {

constexpr int kForwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// Blocks what is forwarded, and SIGCHLD, for the life of the object.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigemptyset(&m_waited);
    for (const int number : kForwarded) sigaddset(&m_waited, number);
    sigaddset(&m_waited, SIGCHLD);
    ::pthread_sigmask(SIG_BLOCK, &m_waited, &m_before);
  }
  ~BlockedSignals() {
    // What came too late to be forwarded was meant for the command.
    timespec now{0, 0};
    while (::sigtimedwait(&m_waited, nullptr, &now) > 0) {
    }
    ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

  // Waits for at most `ms`; 0 when nothing came.
  int next(int ms, siginfo_t& info) const {
    const timespec most{ms / 1000, (ms % 1000) * 1'000'000L};
    const int number = ::sigtimedwait(&m_waited, &info, &most);
    return number > 0 ? number : 0;
  }
  const sigset_t& before() const { return m_before; }

 private:
  sigset_t m_waited, m_before;
};

// Processes whose parent has ended come to us instead of to init, so that they can be seen to end.
class Subreaper {
 public:
  Subreaper() {
    ::prctl(PR_GET_CHILD_SUBREAPER, &m_before);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  }
  ~Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, m_before); }
  Subreaper(const Subreaper&) = delete;
  Subreaper& operator=(const Subreaper&) = delete;

 private:
  int m_before = 0;
};

Result<pid_t> spawn(const LaunchRequest& request, const sigset_t& mask) {
  if (request.command.empty()) return fail(ErrorCode::Usage, "there is no command to record");
  std::vector<char*> argv, envp;
  for (const auto& a : request.command) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  const auto environment = environmentWith(request.variables);
  for (const auto& e : environment) envp.push_back(const_cast<char*>(e.c_str()));
  envp.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigfillset(&defaults);  // this program ignores some, and ignoring is inherited
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  const int failed = ::posix_spawnp(&pid, argv[0], nullptr, &attributes, argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  if (failed == 0) return pid;
  return badInput(fmt::format("{} cannot be run: {}", request.command[0], std::strerror(failed)),
                  failed == ENOENT ? "is it in PATH?" : "");
}

class Watch {
 public:
  Watch(const LaunchRequest& request, const BlockedSignals& signals, pid_t pid, Job job)
      : m_request(request), m_signals(signals), m_pid(pid), m_job(job) {}

  LaunchOutcome run(int64_t startNs) {
    m_outcome.startNs = startNs;
    while (!reaped()) attend(200);
    m_outcome.endNs = monotonicNs();
    follow();
    return m_outcome;
  }

 private:
  bool reaped() {
    int status = 0;
    const pid_t got = ::waitpid(m_pid, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) return false;
    if (got == m_pid && WIFSIGNALED(status)) m_outcome.signal = WTERMSIG(status);
    m_outcome.exitStatus = got != m_pid ? 0 : m_outcome.signal ? 128 + m_outcome.signal : WEXITSTATUS(status);
    return true;
  }

  // Waits for a signal, and hands it on if the command has not had it. A terminal sends to every process of the group,
  // and the kernel says that it was the kernel.
  bool attend(int ms) {
    siginfo_t info{};
    const int number = m_signals.next(ms, info);
    if (number != 0 && number != SIGCHLD) {
      if (info.si_code != SI_KERNEL) ::kill(m_pid, number);
      return true;
    }
    if (m_job.stop.requested() && !m_stopped) {
      m_stopped = true;
      ::kill(m_pid, SIGTERM);
    }
    return false;
  }

  void follow() {
    if (!m_request.othersAtWork || !m_request.othersAtWork()) return;
    m_job.progress.phase("wait for what the command started");
    const Stopwatch watch;
    while (watch.seconds() < m_request.followSeconds && !m_job.stop.requested()) {
      siginfo_t info{};
      const int number = m_signals.next(50, info);
      if (number != 0 && number != SIGCHLD) break;
      if (!m_request.othersAtWork()) return;
    }
    m_outcome.othersLeft = m_request.othersAtWork();
  }

  const LaunchRequest& m_request;
  const BlockedSignals& m_signals;
  pid_t m_pid;
  Job m_job;
  bool m_stopped = false;
  LaunchOutcome m_outcome;
};

}  // namespace

std::vector<std::string> environmentWith(const std::vector<plugins::Variable>& variables) {
  std::map<std::string, std::string> values;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string text = *entry;
    values.emplace(text.substr(0, text.find('=')), text.substr(std::min(text.size(), text.find('=') + 1)));
  }
  for (const auto& v : variables) {
    auto& value = values[v.name];
    if (v.how == plugins::Variable::How::Replace || value.empty()) {
      value = v.value;
    } else {
      value = v.how == plugins::Variable::How::Prepend ? v.value + ":" + value : value + ":" + v.value;
    }
  }
  std::vector<std::string> out;
  for (const auto& [name, value] : values) out.push_back(name + "=" + value);
  return out;
}

Result<LaunchOutcome> launch(const LaunchRequest& request, Job job) {
  const BlockedSignals signals;
  const Subreaper subreaper;
  const int64_t start = monotonicNs();
  const auto pid = spawn(request, signals.before());
  if (!pid) return tl::unexpected<Error>(pid.error());
  return Watch(request, signals, *pid, job).run(start);
}

}  // namespace ridgeline::collector
