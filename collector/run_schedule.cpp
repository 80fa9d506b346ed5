#include "collector/run_schedule.h"

#include "base/clock.h"
#include "base/stats.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

namespace ridgeline::collector {
namespace {

constexpr double kWarmUpSeconds = 0.2;
constexpr int kWarmUpRuns = 3;
constexpr double kBlockSeconds = 0.2;
// Observed runs cost memory and a file each; plain ones cost nothing but their time.
constexpr int kLongestObservedBlock = 10, kLongestPlainBlock = 100;
constexpr int kPlainPerObserved = 10;
// Enough when the median of the plain runs is known this well.
constexpr double kNarrowInterval = 0.01;
constexpr int kRunsForInterval = 15;
// Events kept in memory, all observed runs together: a few hundred MB at most.
constexpr size_t kMostEvents = 1'000'000;

double processCpuSeconds() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// The plain session has the engine's default options, whose worker threads go on spinning for some milliseconds after a
// run; they would take the observed session's processors. Waits until this process is idle, or has been busy for
// too long for that to be the reason.
void waitUntilIdle() {
  constexpr double kLongest = 0.2, kStep = 2e-3;
  const Stopwatch watch;
  while (watch.seconds() < kLongest) {
    const Stopwatch step;
    const double before = processCpuSeconds();
    std::this_thread::sleep_for(std::chrono::duration<double>(kStep));
    if (processCpuSeconds() - before < 0.2 * step.seconds()) return;
  }
}

class Scheduler {
 public:
  Scheduler(engine::Session& plain, engine::Session& observable, const ObserveOptions& options, Job job)
      : m_plain(plain), m_observable(observable), m_options(options), m_job(job) {}

  Result<RunLog> run() {
    m_job.progress.phase("run");
    if (auto warm = warmUp(); !warm) return passOn(warm);
    m_watch.restart();
    for (int block = 0; !enough(); ++block) {
      const bool observed = block % 4 == 1 || block % 4 == 2;
      if (auto done = runBlock(observed); !done) return passOn(done);
      m_job.progress.fraction(progress());
    }
    return std::move(m_log);
  }

 private:
  Status warmUp() {
    for (const bool observed : {false, true}) {
      const Stopwatch watch;
      for (int i = 0; i < kWarmUpRuns || watch.seconds() < kWarmUpSeconds; ++i) {
        if (auto go = m_job.stop.check(); !go) return go;
        auto once = runOnce(observed);
        if (!once) return passOn(once);
        if (watch.seconds() > 5 * kWarmUpSeconds) break;  // a long run warms up by itself
      }
      if (!observed) waitUntilIdle();
    }
    return {};
  }

  Result<TimedRun> runOnce(bool observed) {
    if (!observed) {
      const int64_t start = monotonicNs();
      auto duration = m_plain.run();
      if (!duration) return passOn(duration);
      const double seconds = static_cast<double>(*duration) * 1e-9;
      m_fastestSeconds = m_fastestSeconds > 0 ? std::min(m_fastestSeconds, seconds) : seconds;
      return TimedRun{false, start, *duration};
    }
    auto run = m_observable.runObserved();
    if (!run) return passOn(run);
    const TimedRun timed{true, run->startNs, run->durationNs};
    m_last = std::move(*run);
    return timed;
  }

  Status runBlock(bool observed) {
    const double settling = std::ceil(kBlockSeconds / std::max(1e-6, m_fastestSeconds));
    const int longest = observed ? kLongestObservedBlock : kLongestPlainBlock;
    const int runs = static_cast<int>(std::clamp<double>(settling, 1, longest));
    const int most = m_options.maxRuns * (observed ? 1 : kPlainPerObserved);
    // The first run after a change finds the other session's data in the caches and its own threads asleep. Where a run
    // is long that hardly matters, and a wasted one would cost much.
    if (m_previous && *m_previous != observed) {
      if (observed) waitUntilIdle();
      if (m_fastestSeconds < kBlockSeconds) {
        if (auto discarded = runOnce(observed); !discarded) return passOn(discarded);
      }
    }
    m_previous = observed;
    for (int i = 0; i < runs && count(observed) < most; ++i) {
      if (auto go = m_job.stop.check(); !go) return go;
      auto timed = runOnce(observed);
      if (!timed) return passOn(timed);
      keep(*timed);
    }
    return {};
  }

  void keep(const TimedRun& timed) {
    if (timed.observed) {
      m_events += m_last.events.size();
      m_log.observedIndex.push_back(m_log.runs.size());
      m_log.observed.push_back(std::move(m_last));
    } else {
      m_plainMs.push_back(static_cast<double>(timed.durationNs) * 1e-6);
    }
    m_log.runs.push_back(timed);
  }

  int count(bool observed) const { return static_cast<int>(observed ? m_log.observed.size() : m_plainMs.size()); }

  bool enough() const {
    const int plain = count(false), observed = count(true), least = std::min(plain, observed);
    if (least < m_options.minRuns) return observed > 0 && plain > 0 && m_events > kMostEvents;
    if (least >= m_options.maxRuns || m_watch.seconds() > m_options.seconds || m_events > kMostEvents) return true;
    if (least < kRunsForInterval) return false;
    return bootstrapMedian(m_plainMs).width() < kNarrowInterval * median(m_plainMs);
  }

  double progress() const {
    const double runs = static_cast<double>(std::min(count(false), count(true))) / m_options.maxRuns;
    return std::min(1.0, std::max(runs, m_watch.seconds() / m_options.seconds));
  }

  engine::Session& m_plain;
  engine::Session& m_observable;
  ObserveOptions m_options;
  Job m_job;
  Stopwatch m_watch;
  double m_fastestSeconds = 0;  // of the plain runs
  std::optional<bool> m_previous;
  engine::ObservedRun m_last;
  std::vector<double> m_plainMs;
  size_t m_events = 0;
  RunLog m_log;
};

}  // namespace

Result<RunLog> runInTurns(engine::Session& plain, engine::Session& observable, const ObserveOptions& options, Job job) {
  return Scheduler(plain, observable, options, job).run();
}

}  // namespace ridgeline::collector
