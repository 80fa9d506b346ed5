#include "advisor/check/measure.h"

#include "base/clock.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace ridgeline::advisor {
namespace {

// Fewer pairs than these know their own spread badly: beside a noisy neighbour, a model 5 % slower looked the same, and
// an unchanged one faster. A ratio that is off by more than this is clear without them.
constexpr size_t kEnoughPairs = 80;
constexpr double kBeyondNoise = 0.15;

// The answer is looked at again and again while it is being measured, so each look asks for more than 95 %.
constexpr double kLookConfidence = 0.995;

struct Samples {
  std::vector<double> a, b;  // ms of a run
  std::vector<double> ratios;
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
Estimate estimateOf(const Samples& samples, double confidence) {
  constexpr size_t fewest = 8;
  auto best = estimateOf(samples.ratios, confidence);
  const auto quiet = quietRatios(samples);
  if (quiet.size() < fewest) return best;
  const auto other = estimateOf(quiet, confidence);
  return other.interval.width() < best.interval.width() ? other : best;
}

bool isClear(const Samples& samples, double allowed) {
  const auto estimate = estimateOf(samples, kLookConfidence);
  const auto& ci = estimate.interval;
  if (samples.ratios.size() < kEnoughPairs && std::abs(std::log(estimate.ratio)) < kBeyondNoise) return false;
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

Result<Measurement> measureInTurns(const TimedRun& a, const TimedRun& b, const MeasureOptions& options, Job job) {
  const Stopwatch watch;
  Turns turns(a, b);
  if (auto s = turns.warmUp(); !s) return passOn(s);
  Samples samples;
  Measurement m;
  int nextLook = options.minRounds;
  while (m.rounds < options.maxRounds) {
    if (auto s = job.stop.check(); !s) return passOn(s);
    if (m.rounds >= 3 && watch.seconds() > options.maxSeconds) break;
    if (auto s = turns.round(samples); !s) return passOn(s);
    ++m.rounds;
    job.progress.fraction(std::min(1.0, watch.seconds() / options.maxSeconds));
    if (m.rounds < nextLook) continue;
    if (isClear(samples, options.allowed)) break;
    nextLook = m.rounds + std::max(2, m.rounds / 5);  // few looks, as each is a chance to be wrong
  }
  m.aMs = median(samples.a);
  m.bMs = median(samples.b);
  const auto estimate = estimateOf(samples, 0.95);
  m.ratio = estimate.ratio;
  m.ci95 = estimate.interval;
  m.verdict = judgeRatio(m.ratio, m.ci95, options.allowed);
  m.seconds = watch.seconds();
  return m;
}

}  // namespace ridgeline::advisor
