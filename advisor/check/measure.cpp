#include "advisor/check/measure.h"

#include "base/clock.h"
#include "base/student.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace ridgeline::advisor {
namespace {

// Fewer sittings than these know too little of what differs between them: a model 5 % slower looked the same, and an
// unchanged one faster. A ratio that is off by more than this is clear without them.
constexpr size_t kFewestSittings = 5;
constexpr double kBeyondNoise = 0.15;

// The answer is looked at again and again while it is being measured, so each look asks for more than 95 %.
constexpr double kLookConfidence = 0.995;

struct Samples {
  std::vector<double> a, b;  // ms of a run
  std::vector<double> ratios;
  std::vector<size_t> sittings;  // where each begins in the others
};

class Turns {
 public:
  Turns(const TimedRun& a, const TimedRun& b) : m_a(a), m_b(b) {}

  // Models that take less than a millisecond run several times in each place, so that the clock does not decide.
  Status warmUp() {
    double slowest = 0;
    for (int i = 0; i < 3; ++i) {
      for (const auto* run : {&m_a, &m_b}) {
        auto ns = (*run)();
        if (!ns) return passOn(ns);
        if (i > 0) slowest = std::max(slowest, static_cast<double>(*ns));
      }
    }
    m_repeats = std::clamp(static_cast<int>(1e6 / std::max(slowest, 1.0)), 1, 200);
    return {};
  }

  // A B, then B A: what drifts hits both alike. Each pair is a sample of its own: the shorter the time between two that
  // are compared, the less a noisy neighbour changes in between.
  Status round(Samples& samples) {
    for (const bool aFirst : {true, false}) {
      double ms[2];
      for (const bool isA : {aFirst, !aFirst}) {
        auto taken = take(isA ? m_a : m_b);
        if (!taken) return passOn(taken);
        ms[isA ? 0 : 1] = *taken;
      }
      samples.a.push_back(ms[0]);
      samples.b.push_back(ms[1]);
      samples.ratios.push_back(ms[1] / ms[0]);
    }
    return {};
  }

 private:
  Result<double> take(const TimedRun& run) const {
    int64_t sum = 0;
    for (int i = 0; i < m_repeats; ++i) {
      auto ns = run();
      if (!ns) return passOn(ns);
      sum += std::max<int64_t>(*ns, 1);
    }
    return static_cast<double>(sum) * 1e-6 / m_repeats;
  }

  const TimedRun &m_a, &m_b;
  int m_repeats = 1;
};

struct Estimate {
  double ratio = 1;
  Interval interval{0, 0};
};

Estimate estimateOf(const std::vector<double>& ratios, double confidence) {
  return {median(ratios), bootstrapMedian(ratios, confidence, 400)};
}

// Of each stretch of runs the ratio of what the undisturbed ones take: a neighbour that comes and goes makes a run
// slower, never faster. A stretch is short, and a neighbour that stays for all of it hits both sides.
std::vector<double> quietRatios(const Samples& samples) {
  constexpr size_t stretch = 10;
  constexpr double undisturbed = 0.2;
  std::vector<double> out;
  for (size_t from = 0; from + stretch <= samples.a.size(); from += stretch) {
    const std::span<const double> a(&samples.a[from], stretch), b(&samples.b[from], stretch);
    out.push_back(quantile(b, undisturbed) / quantile(a, undisturbed));
  }
  return out;
}

// By pairs of neighbouring runs, which is sharper on a quiet machine, or by stretches, which is on a noisy one:
// whichever knows better. Both are estimates of the same ratio.
Estimate sharperOf(const Samples& samples, double confidence) {
  constexpr size_t fewest = 8;
  auto best = estimateOf(samples.ratios, confidence);
  const auto quiet = quietRatios(samples);
  if (quiet.size() < fewest) return best;
  const auto other = estimateOf(quiet, confidence);
  return other.interval.width() < best.interval.width() ? other : best;
}

// Half the width of the interval that the spread between sittings leaves, as a factor.
double betweenSittings(const Samples& samples, double confidence) {
  std::vector<double> logs;
  for (size_t i = 0; i < samples.sittings.size(); ++i) {
    const size_t from = samples.sittings[i];
    const size_t to = i + 1 < samples.sittings.size() ? samples.sittings[i + 1] : samples.ratios.size();
    logs.push_back(std::log(median(std::span(samples.ratios).subspan(from, to - from))));
  }
  return logs.size() < 2 ? 1 : std::exp(meanInterval(logs, confidence).width() / 2);
}

// As wide as either the runs or the sittings say.
Estimate estimateOf(const Samples& samples, double confidence) {
  auto estimate = sharperOf(samples, confidence);
  const double factor = betweenSittings(samples, confidence);
  estimate.interval.lo = std::min(estimate.interval.lo, estimate.ratio / factor);
  estimate.interval.hi = std::max(estimate.interval.hi, estimate.ratio * factor);
  return estimate;
}

bool isClear(const Samples& samples, double allowed) {
  const auto estimate = estimateOf(samples, kLookConfidence);
  const auto& ci = estimate.interval;
  if (samples.sittings.size() < kFewestSittings && std::abs(std::log(estimate.ratio)) < kBeyondNoise) return false;
  const double limit = 1 + allowed;
  if (ci.lo > limit || ci.hi < 1 - kNoise) return true;
  // Surely within what is allowed; and known well enough to tell an improvement from the same.
  return ci.hi < limit && ci.width() < 0.03;
}

}  // namespace

std::string_view nameOf(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::Regression:
      return "regression";
    case CheckVerdict::Improvement:
      return "improvement";
    case CheckVerdict::Same:
      return "same";
    case CheckVerdict::Inconclusive:
      return "inconclusive";
  }
  return "inconclusive";
}

CheckVerdict judgeRatio(double ratio, const Interval& ci95, double allowed) {
  const double limit = 1 + allowed;
  if (ratio > limit && ci95.lo > 1 + std::min(kNoise, allowed)) return CheckVerdict::Regression;
  if (ci95.hi < 1 - kNoise) return CheckVerdict::Improvement;
  if (ci95.hi <= limit) return CheckVerdict::Same;
  return CheckVerdict::Inconclusive;
}

Result<Measurement> measureInTurns(const MakeSitting& makeSitting, const MeasureOptions& options, Job job) {
  const Stopwatch watch;
  Samples samples;
  Measurement m;
  const auto timeIsUp = [&] { return m.rounds >= 3 && watch.seconds() > options.maxSeconds; };
  const auto settle = [&] {
    const auto estimate = estimateOf(samples, 0.95);
    m.ratio = estimate.ratio;
    m.ci95 = estimate.interval;
    m.verdict = judgeRatio(m.ratio, m.ci95, options.allowed);
  };
  for (int nextLook = 1; m.rounds < options.maxRounds && !timeIsUp();) {
    auto sitting = makeSitting();
    if (!sitting) return passOn(sitting);
    Turns turns(sitting->a, sitting->b);
    if (auto s = turns.warmUp(); !s) return passOn(s);
    samples.sittings.push_back(samples.ratios.size());
    ++m.sittings;
    const Stopwatch ofSitting;
    for (int i = 0; i < options.roundsPerSitting && m.rounds < options.maxRounds && !timeIsUp(); ++i) {
      if (auto s = job.stop.check(); !s) return passOn(s);
      // Where rounds are long, there must still be time for several sittings.
      if (i >= 2 && ofSitting.seconds() > options.maxSeconds / kFewestSittings) break;
      if (auto s = turns.round(samples); !s) return passOn(s);
      ++m.rounds;
      job.progress.fraction(std::min(1.0, watch.seconds() / options.maxSeconds));
    }
    if (m.sittings < nextLook) continue;
    settle();
    if (isClear(samples, options.allowed) && m.verdict != CheckVerdict::Inconclusive) break;
    nextLook = m.sittings + std::max(1, m.sittings / 5);  // few looks, as each is a chance to be wrong
  }
  settle();
  m.aMs = median(samples.a);
  m.bMs = median(samples.b);
  m.seconds = watch.seconds();
  return m;
}

}  // namespace ridgeline::advisor
