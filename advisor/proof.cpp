#include "advisor/proof.h"

#include "base/units.h"

namespace ridgeline::advisor {
namespace {

// Where a build's memory happens to lie can move its speed by a percent; two builds of each model see that.
constexpr int kBuilds = 2;
// Of models that take microseconds, a gain below this is the clock and the caches, and not worth a changed model.
constexpr double kSmallestGainMs = 0.001;

// What is small may be as slow as it likes, up to the limit; without one, up to the original.
std::string whySlower(const Judgement& judgement, std::optional<double> limitMs) {
  const bool slower = limitMs ? judgement.candidateMs > *limitMs : judgement.verdict == Verdict::Slower;
  return slower ? fmt::format("measured from scratch it takes {}, the original {}", formatMs(judgement.candidateMs),
                              formatMs(judgement.baselineMs))
                : std::string();
}

}  // namespace

Result<Proof> prove(const Workbench& bench, const graph::Model& result, bool lossy, const engine::InputSet& fresh,
                    double maxSeconds, Goal goal) {
  const Job job = bench.job();
  job.progress.phase("prove");
  Proof proof;
  // Settings of the engine are judged as a program runs that loads them.
  const bool sameSettings = engine::settingsIn(result) == engine::settingsIn(bench.original());
  const Pace pace = sameSettings ? Pace::Shared : Pace::Own;
  JudgeOptions options = judgingAt(pace);
  options.maxSeconds = maxSeconds / kBuilds;
  options.minRounds = 12;
  options.widthWanted = 0.01;
  std::vector<Judgement> parts;
  for (int i = 0; i < kBuilds; ++i) {
    // In turn, the one and the other is built first and gets the better place in memory.
    auto first = bench.build(i % 2 == 0 ? bench.original() : result, pace);
    if (!first) return passOn(first);
    auto second = bench.build(i % 2 == 0 ? result : bench.original(), pace);
    if (!second) return passOn(second);
    auto& original = i % 2 == 0 ? *first : *second;
    auto& candidate = i % 2 == 0 ? *second : *first;
    if (i == 0) {
      auto reference = Reference::take(original, fresh.samples, job);
      if (!reference) return passOn(reference);
      auto v = reference->compare(candidate, job);
      if (!v) return passOn(v);
      proof.verification = std::move(*v);
    }
    auto j = judge(original, candidate, options, job);
    if (!j) return passOn(j);
    parts.push_back(std::move(*j));
    job.progress.fraction(static_cast<double>(i + 1) / kBuilds);
  }
  proof.judgement = merge(parts, options.margin);
  if (auto why = unacceptable(proof.verification, bench.constraints(), lossy)) {
    proof.failure = "on fresh inputs " + *why;
  } else if (goal != Goal::Latency) {
    proof.failure = whySlower(proof.judgement, bench.constraints().maxLatencyMs);
  } else if (proof.judgement.verdict != Verdict::Faster) {
    proof.failure = fmt::format("measured from scratch it is {}: {:.3f}x, 95 % interval {:.3f} to {:.3f}",
                                nameOf(proof.judgement.verdict), proof.judgement.ratio, proof.judgement.ci95.lo,
                                proof.judgement.ci95.hi);
  } else if (proof.judgement.gainMs() < kSmallestGainMs) {
    proof.failure = fmt::format("it wins {} a run, too little to tell from where things happen to lie in memory",
                                formatMs(proof.judgement.gainMs()));
  }
  return proof;
}

}  // namespace ridgeline::advisor
