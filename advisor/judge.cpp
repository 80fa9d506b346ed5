#include "advisor/judge.h"

#include "base/clock.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

namespace ridgeline::advisor {
namespace {

// One place in a round: the model run often enough that the clock and a stray interrupt do not decide.
class Turn {
 public:
  Turn(const TimedRun& run, double restMs) : m_run(run), m_restMs(restMs) {}

  Status warmUp() {
    for (int i = 0; i < 3; ++i) {
      auto ns = m_run();
      if (!ns) return passOn(ns);
      m_repeats = std::clamp(static_cast<int>(1e6 / static_cast<double>(std::max<int64_t>(*ns, 1))), 1, 200);
    }
    return {};
  }
  int repeats() const { return m_repeats; }
  void setRepeats(int repeats) { m_repeats = repeats; }

  // Mean time of one run in ms, over this place's repeats.
  Result<double> take() {
    if (auto s = rest(); !s) return passOn(s);
    int64_t sum = 0;
    for (int i = 0; i < m_repeats; ++i) {
      auto ns = m_run();
      if (!ns) return passOn(ns);
      sum += *ns;
    }
    return static_cast<double>(sum) * 1e-6 / m_repeats;
  }

 private:
  Status rest() {
    if (m_restMs <= 0) return {};
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(m_restMs));
    if (auto ns = m_run(); !ns) return passOn(ns);
    return {};
  }

  const TimedRun& m_run;
  double m_restMs;
  int m_repeats = 1;
};

struct Series {
  std::vector<double> baseline, candidate, ratios;
};

// baseline, candidate, candidate, baseline: a machine that slows down or speeds up steadily hits both alike.
Status round(Turn& baseline, Turn& candidate, Series& series) {
  double times[4];
  Turn* order[4] = {&baseline, &candidate, &candidate, &baseline};
  for (int i = 0; i < 4; ++i) {
    auto ms = order[i]->take();
    if (!ms) return passOn(ms);
    times[i] = *ms;
  }
  series.baseline.insert(series.baseline.end(), {times[0], times[3]});
  series.candidate.insert(series.candidate.end(), {times[1], times[2]});
  series.ratios.push_back((times[0] + times[3]) / (times[1] + times[2]));
  return {};
}

Verdict verdictOf(const Interval& ci, double margin) {
  if (ci.lo > 1 + margin) return Verdict::Faster;
  if (ci.hi < 1 - margin) return Verdict::Slower;
  return Verdict::Inconclusive;
}

bool enough(const Series& series, const JudgeOptions& options) {
  const auto rounds = static_cast<int>(series.ratios.size());
  if (rounds < options.minRounds) return false;
  if (rounds >= options.maxRounds) return true;
  const auto ci = bootstrapMedian(series.ratios, 0.95, 200);
  if (ci.width() <= options.widthWanted * median(series.ratios)) return true;
  return options.stopWhenClear && verdictOf(ci, options.margin) != Verdict::Inconclusive;
}

}  // namespace

std::string_view nameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::Faster:
      return "faster";
    case Verdict::Slower:
      return "slower";
    case Verdict::Inconclusive:
      return "inconclusive";
  }
  return "inconclusive";
}

Result<Judgement> judge(engine::Session& baseline, engine::Session& candidate, const JudgeOptions& options, Job job) {
  return judge([&] { return baseline.run(); }, [&] { return candidate.run(); }, options, job);
}

Result<Judgement> judge(const TimedRun& baseline, const TimedRun& candidate, const JudgeOptions& options, Job job) {
  const Stopwatch watch;
  Turn a(baseline, options.restMs), b(candidate, options.restMs);
  if (auto s = a.warmUp(); !s) return passOn(s);
  if (auto s = b.warmUp(); !s) return passOn(s);
  // The same number of repeats on both sides, or the longer series would see more of the machine's moods.
  const int repeats = std::max(a.repeats(), b.repeats());
  a.setRepeats(repeats);
  b.setRepeats(repeats);

  Series series;
  while (!enough(series, options)) {
    if (auto s = job.stop.check(); !s) return passOn(s);
    if (series.ratios.size() >= 3 && watch.seconds() > options.maxSeconds) break;
    if (auto s = round(a, b, series); !s) return passOn(s);
  }
  Judgement j;
  j.baselineMs = median(series.baseline);
  j.candidateMs = median(series.candidate);
  j.ratios = std::move(series.ratios);
  j.seconds = watch.seconds();
  return merge({std::move(j)}, options.margin);
}

Judgement merge(const std::vector<Judgement>& parts, double margin) {
  Judgement all;
  std::vector<double> baseline, candidate;
  for (const auto& p : parts) {
    baseline.push_back(p.baselineMs);
    candidate.push_back(p.candidateMs);
    all.ratios.insert(all.ratios.end(), p.ratios.begin(), p.ratios.end());
    all.seconds += p.seconds;
  }
  all.baselineMs = median(baseline);
  all.candidateMs = median(candidate);
  all.ratio = median(all.ratios);
  all.ci95 = bootstrapMedian(all.ratios);
  all.verdict = verdictOf(all.ci95, margin);
  return all;
}

}  // namespace ridgeline::advisor
