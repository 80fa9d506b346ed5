#include "advisor/proof.h"

#include "advisor/asleep.h"
#include "base/clock.h"
#include "base/units.h"

#include <algorithm>
#include <functional>

namespace ridgeline::advisor {
namespace {

// Where a build's memory happens to lie can move its speed by a percent, and by far more where a run takes less than a
// millisecond: so many builds of each model, as far as building takes this share of the time at most.
constexpr int kFewestBuilds = 2, kMostBuilds = 8;
constexpr double kBuildingShare = 0.3;
// Of models that take microseconds, a gain below this is the clock and the caches, and not worth a changed model.
constexpr double kSmallestGainMs = 0.001;
// What running with sleeping threads may take of the proof's time, and what it may lose there.
constexpr double kAsleepShare = 0.25, kAsleepLoss = 0.01;

// What is small may be as slow as it likes, up to the limit; without one, up to the original.
std::string whySlower(const Judgement& judgement, std::optional<double> limitMs) {
  const bool slower = limitMs ? judgement.candidateMs > *limitMs : judgement.verdict == Verdict::Slower;
  return slower ? fmt::format("measured from scratch it takes {}, the original {}", formatMs(judgement.candidateMs),
                              formatMs(judgement.baselineMs))
                : std::string();
}

// Builds of both, and who runs them.
struct Contest {
  const Workbench& bench;
  const graph::Model& result;
  Pace pace;
  JudgeOptions options;
  int fewestBuilds = kFewestBuilds;
};
using SeeBuild = std::function<Status(engine::Session& original, engine::Session& candidate)>;

// Judges several builds of the two models as one. `see` is shown the first before they run against each other.
Result<Judgement> judgeBuilds(const Contest& contest, double seconds, const SeeBuild& see = {}) {
  const auto& bench = contest.bench;
  auto options = contest.options;
  std::vector<Judgement> parts;
  int builds = contest.fewestBuilds;
  for (int i = 0; i < builds; ++i) {
    const Stopwatch watch;
    // In turn, the one and the other is built first and gets the better place in memory.
    auto first = bench.build(i % 2 == 0 ? bench.original() : contest.result, contest.pace);
    if (!first) return passOn(first);
    auto second = bench.build(i % 2 == 0 ? contest.result : bench.original(), contest.pace);
    if (!second) return passOn(second);
    auto& original = i % 2 == 0 ? *first : *second;
    auto& candidate = i % 2 == 0 ? *second : *first;
    if (i == 0) {
      builds = std::clamp(static_cast<int>(seconds * kBuildingShare / watch.seconds()), builds, kMostBuilds);
      options.maxSeconds = seconds / builds;
      if (see) {
        if (auto seen = see(original, candidate); !seen) return passOn(seen);
      }
    }
    auto j = judge(original, candidate, options, bench.job());
    if (!j) return passOn(j);
    parts.push_back(std::move(*j));
    bench.job().progress.fraction(static_cast<double>(i + 1) / builds);
  }
  return merge(parts, options.margin);
}

// Many programs let idle threads sleep, and do other things between runs. A rewrite that splits the work among more
// operators, or makes kernels larger, can lose there, however much it wins while threads spin and caches are warm.
Status judgeAsleep(const Workbench& bench, const graph::Model& result, double maxSeconds, Proof& proof) {
  Contest contest{bench, result, Pace::Asleep, {}, 1};
  contest.options.coldCaches = true;
  auto j = judgeBuilds(contest, maxSeconds);
  if (!j) return passOn(j);
  if (j->ratio < 1 - kAsleepLoss) {
    proof.failure =
        fmt::format("slower where threads sleep: {:.2f}x, {:.2f} to {:.2f}", j->ratio, j->ci95.lo, j->ci95.hi);
  }
  proof.asleep = std::move(*j);
  return {};
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
  const bool alsoAsleep =
      goal == Goal::Latency && sameSettings && bench.threads() > 1 && !engine::settingsIn(result).spinning.has_value();
  Contest contest{bench, result, pace, judgingAt(pace)};
  contest.options.minRounds = 12;
  contest.options.widthWanted = 0.01;
  const auto verify = [&](engine::Session& original, engine::Session& candidate) -> Status {
    auto reference = Reference::take(original, fresh.samples, job);
    if (!reference) return passOn(reference);
    auto v = reference->compare(candidate, job);
    if (!v) return passOn(v);
    proof.verification = std::move(*v);
    return {};
  };
  auto judgement = judgeBuilds(contest, maxSeconds * (alsoAsleep ? 1 - kAsleepShare : 1), verify);
  if (!judgement) return passOn(judgement);
  proof.judgement = std::move(*judgement);
  if (auto why = unacceptable(proof.verification, bench.constraints(), lossy)) {
    proof.failure = "on fresh inputs " + *why;
  } else if (goal != Goal::Latency) {
    proof.failure = whySlower(proof.judgement, bench.constraints().maxLatencyMs);
  } else if (proof.judgement.verdict == Verdict::Faster && proof.judgement.gainMs() < kSmallestGainMs) {
    proof.failure = fmt::format("it wins {} a run, too little to tell from where things happen to lie in memory",
                                formatMs(proof.judgement.gainMs()));
  } else if (alsoAsleep && proof.judgement.verdict != Verdict::Slower) {
    if (auto s = judgeAsleep(bench, result, maxSeconds * kAsleepShare, proof); !s) return passOn(s);
  }
  const bool faster = proof.judgement.verdict == Verdict::Faster;
  if (goal == Goal::Latency && proof.holds() && !faster &&
      !(proof.asleep && paysAsleep(proof.judgement, *proof.asleep, lossy))) {
    proof.failure = fmt::format("{} from scratch: {:.3f}x, {:.3f} to {:.3f}", nameOf(proof.judgement.verdict),
                                proof.judgement.ratio, proof.judgement.ci95.lo, proof.judgement.ci95.hi);
  }
  return proof;
}

}  // namespace ridgeline::advisor
