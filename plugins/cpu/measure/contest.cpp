#include "plugins/cpu/measure/contest.h"

#include "base/clock.h"

#include <time.h>

#include <algorithm>
#include <cmath>

namespace ridgeline::cpu {
namespace {

int64_t threadCpuNs() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return int64_t{1'000'000'000} * t.tv_sec + t.tv_nsec;
}

}  // namespace

Repetition timeOnce(Team& team, const Contestant& contestant, int64_t warmUp, int64_t amount) {
  struct Times {
    int64_t start, end, cpu;
  };
  std::vector<Times> times(static_cast<size_t>(team.size()));
  team.run([&](int thread) {
    if (warmUp > 0) contestant.work(thread, warmUp);
    team.arriveAndWait();
    const int64_t cpu = threadCpuNs(), start = monotonicNs();
    contestant.work(thread, amount);
    const int64_t end = monotonicNs();
    times[static_cast<size_t>(thread)] = {start, end, threadCpuNs() - cpu};
  });
  Repetition repetition;
  int64_t first = times[0].start, last = times[0].end;
  for (const auto& t : times) {
    first = std::min(first, t.start);
    last = std::max(last, t.end);
    const auto lost = static_cast<double>(t.end - t.start - t.cpu);
    repetition.undisturbed = repetition.undisturbed && lost < 0.01 * static_cast<double>(t.end - t.start);
  }
  repetition.seconds = static_cast<double>(std::max<int64_t>(1, last - first)) * 1e-9;
  repetition.rate = static_cast<double>(amount) * contestant.perUnit * team.size() / repetition.seconds;
  return repetition;
}

namespace {

// Finds an amount of work that takes some milliseconds; rounds refine it.
void calibrate(Team& team, Contestant& contestant, double ms) {
  constexpr int64_t kMost = int64_t{1} << 40;
  for (contestant.amount = 1; contestant.amount < kMost; contestant.amount *= 4) {
    if (1e3 * timeOnce(team, contestant, 0, contestant.amount).seconds > ms / 4) return;
  }
}

// The amount for `ms` at the best rate so far. What one disturbed repetition suggests would stay wrong for good.
int64_t amountFor(const Contestant& contestant, int threads, double ms) {
  const double perThread = contestant.best() / contestant.perUnit / threads;
  return std::max<int64_t>(1, static_cast<int64_t>(perThread * ms * 1e-3));
}

}  // namespace

double Contestant::best() const { return rates.empty() ? 0 : *std::max_element(rates.begin(), rates.end()); }

size_t Contestant::undisturbedRounds() const {
  return static_cast<size_t>(std::count(undisturbed.begin(), undisturbed.end(), true));
}

double Contestant::spread() const {
  std::vector<double> chosen;
  for (size_t i = 0; i < rates.size(); ++i) {
    if (undisturbed[i] || undisturbedRounds() < kFewRounds) chosen.push_back(rates[i]);
  }
  if (chosen.empty()) return 0;
  const size_t quarter = std::max(std::min(kFewRounds, chosen.size()), chosen.size() / 4);
  std::partial_sort(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(quarter), chosen.end(),
                    std::greater<>());
  return (chosen[0] - chosen[quarter - 1]) / chosen[0];
}

bool Contestant::settled() const {
  if (undisturbedRounds() < kFewRounds) return false;
  auto sorted = rates;
  std::partial_sort(sorted.begin(), sorted.begin() + kFewRounds, sorted.end(), std::greater<>());
  return sorted[kFewRounds - 1] > 0.98 * sorted[0];
}

Status holdContest(Team& team, std::vector<Contestant>& contestants, const ContestLimits& limits, Job job) {
  const Stopwatch watch;
  for (auto& contestant : contestants) {
    if (auto go = job.stop.check(); !go) return go;
    calibrate(team, contestant, limits.repetitionMs);
  }
  for (int round = 0; round < limits.minRounds || watch.seconds() < limits.seconds; ++round) {
    bool settled = true;
    for (auto& contestant : contestants) {
      if (round >= limits.minRounds && contestant.settled()) continue;
      settled = false;
      if (auto go = job.stop.check(); !go) return go;
      if (!contestant.rates.empty()) contestant.amount = amountFor(contestant, team.size(), limits.repetitionMs);
      const int64_t warmUp = std::max<int64_t>(1, contestant.amount / 2);
      const auto repetition = timeOnce(team, contestant, warmUp, contestant.amount);
      contestant.rates.push_back(repetition.rate);
      contestant.undisturbed.push_back(repetition.undisturbed);
    }
    job.progress.fraction(std::min(1.0, watch.seconds() / limits.seconds));
    if (settled) break;
    // On a machine that hardly gives us its processors the rounds take long: the time limit holds before their number.
    if (watch.seconds() > 1.2 * limits.seconds) break;
  }
  return {};
}

}  // namespace ridgeline::cpu
