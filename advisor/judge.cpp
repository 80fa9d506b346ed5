#include "advisor/judge.h"

#include "base/clock.h"
#include "base/student.h"

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

// baseline, candidate, candidate, baseline: a machine that slows down or speeds up steadily hits both alike. With cold
// caches they alternate.
Status round(Turn& baseline, Turn& candidate, bool coldCaches, Series& series) {
  double before = 0, after = 0;
  for (const bool isCandidate : {false, true, !coldCaches, coldCaches}) {
    auto ms = (isCandidate ? candidate : baseline).take();
    if (!ms) return passOn(ms);
    (isCandidate ? series.candidate : series.baseline).push_back(*ms);
    (isCandidate ? after : before) += *ms;
  }
  series.ratios.push_back(before / after);
  return {};
}

Verdict verdictOf(const Interval& ci, double margin) {
  if (ci.lo > 1 + margin) return Verdict::Faster;
  if (ci.hi < 1 - margin) return Verdict::Slower;
  return Verdict::Inconclusive;
}

// Fewer builds than these know too little of how builds differ.
constexpr size_t kBuildsThatTell = 4;

Interval betweenBuilds(const std::vector<Judgement>& parts) {
  std::vector<double> logs;
  for (const auto& p : parts) logs.push_back(std::log(p.ratio));
  const auto mean = meanInterval(logs);
  return {std::exp(mean.lo), std::exp(mean.hi)};
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
  const int repeats = options.coldCaches ? 1 : std::max(a.repeats(), b.repeats());
  a.setRepeats(repeats);
  b.setRepeats(repeats);

  Series series;
  while (!enough(series, options)) {
    if (auto s = job.stop.check(); !s) return passOn(s);
    if (series.ratios.size() >= 3 && watch.seconds() > options.maxSeconds) break;
    if (auto s = round(a, b, options.coldCaches, series); !s) return passOn(s);
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
  if (parts.size() >= kBuildsThatTell) {
    const auto between = betweenBuilds(parts);
    all.ci95 = {std::min(all.ci95.lo, between.lo), std::max(all.ci95.hi, between.hi)};
  }
  all.verdict = verdictOf(all.ci95, margin);
  return all;
}

}  // namespace ridgeline::advisor
