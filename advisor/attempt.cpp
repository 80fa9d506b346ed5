#include "advisor/attempt.h"

#include "advisor/asleep.h"
#include "advisor/memory.h"
#include "advisor/propose.h"
#include "base/units.h"

#include <algorithm>
#include <utility>

namespace ridgeline::advisor {
namespace {

// An unclear measurement that says at least this much is given more time before it is turned down.
constexpr double kPromising = 1.015;
// An unclear win is also measured where threads sleep when there is time, and, of what changes numbers, this share of
// the latency to be won, unless that was predicted by running all of it where they spin.
constexpr double kLeastSecondsForAsleep = 5, kWorthRunningAsleep = 0.02;
// A clear win is measured so, too, when the time left is this many times what the trial took until then.
constexpr double kShareForAsleep = 10;
// Memory or size must shrink by this share to be worth a rewrite.
constexpr double kSmallestSaving = 0.005;

std::string told(const Judgement& j) {
  return fmt::format("measured {}, {:.3f}x to {:.3f}x", nameOf(j.verdict), j.ci95.lo, j.ci95.hi);
}

}  // namespace

Result<Attempt> Attempts::run(Incumbent& incumbent, const Opportunity& opportunity, const Subject& subject,
                              double secondsLeft) {
  m_watch = Stopwatch();
  m_secondsLeft = secondsLeft;
  const auto& info = findRule(opportunity.rule)->info();
  Trial trial;
  trial.opportunity = opportunity;
  trial.kind = info.kind;
  trial.lossy = info.lossy;
  auto attempt = measure(incumbent, opportunity, subject, trial);
  trial.seconds = m_watch.seconds();
  if (!attempt) {
    if (attempt.error().code == ErrorCode::Interrupted) return passOn(attempt);
    trial.reason = attempt.error().message;
    return Attempt{std::move(trial), std::nullopt, false};
  }
  attempt->trial = std::move(trial);
  return attempt;
}

Result<Attempt> Attempts::measure(Incumbent& incumbent, const Opportunity& opportunity, const Subject& subject,
                                  Trial& trial) {
  const auto pace = trial.kind == RuleKind::Engine ? Pace::Own : Pace::Shared;
  Attempt attempt;
  auto applied = applyToCopy(incumbent.model, opportunity, subject);
  if (!applied) return passOn(applied);
  if (applied->places == 0) {
    trial.reason = "no place was left to rewrite";
    return attempt;
  }
  trial.enablers = applied->enablers;
  auto session = m_bench.build(applied->model, pace);
  if (!session) return passOn(session);
  auto verification = m_bench.reference().compare(*session, m_bench.job());
  if (!verification) return passOn(verification);
  trial.verification = std::move(*verification);
  // An exact rewrite of a model that is lossy already is compared with the original under the lossy bound.
  if (auto why = unacceptable(*trial.verification, m_bench.constraints(), trial.lossy || incumbent.lossy)) {
    trial.reason = std::move(*why);
    attempt.inaccurate = true;
    return attempt;
  }
  auto why = m_goal == Goal::Latency ? whyNotFaster(incumbent, applied->model, *session, pace, trial)
                                     : whyNotSmaller(incumbent, applied->model, *session, pace, trial);
  if (why && why->empty() && trial.lossy) {
    why = whyNotByMetric(applied->model);
    attempt.inaccurate = why && !why->empty();
  }
  if (!why) return passOn(why);
  trial.reason = std::move(*why);
  if (trial.reason.empty()) attempt.model = std::move(applied->model);
  return attempt;
}

Result<std::string> Attempts::whyNotFaster(Incumbent& incumbent, const graph::Model& model, engine::Session& candidate,
                                           Pace pace, Trial& trial) {
  if (!incumbent.session) {
    auto built = m_bench.build(incumbent.model, pace);
    if (!built) return passOn(built);
    incumbent.session = std::move(*built);
  }
  JudgeOptions options = judgingAt(pace);
  options.stopWhenClear = true;
  options.maxSeconds = std::clamp(m_secondsLeft / 4, 1.0, 12.0);
  auto judgement = judge(*incumbent.session, candidate, options, m_bench.job());
  if (!judgement) return passOn(judgement);
  if (judgement->verdict == Verdict::Inconclusive && judgement->ratio > kPromising) {
    options.maxSeconds = std::clamp(m_secondsLeft / 4, 1.0, 24.0);
    auto more = judge(*incumbent.session, candidate, options, m_bench.job());
    if (!more) return passOn(more);
    judgement = merge({std::move(*judgement), std::move(*more)}, options.margin);
  }
  trial.judgement = *judgement;
  const bool mayTurn = pace == Pace::Shared && m_bench.threads() > 1;
  if (judgement->verdict == Verdict::Faster) {
    return mayTurn ? whyNotAsleep(incumbent, model, trial) : std::string();
  }
  if (mayTurn && nearlyAsFast(*judgement) && worthRunningAsleep(trial)) {
    auto faster = fasterAsleep(incumbent, model, trial);
    if (!faster) return passOn(faster);
    if (*faster) return std::string();
  }
  return told(*judgement);
}

// What changes numbers must win some percent: not with operators that take next to nothing.
bool Attempts::worthRunningAsleep(const Trial& trial) const {
  const double share = trial.opportunity.predictedGainMs / trial.judgement->baselineMs;
  return m_secondsLeft > kLeastSecondsForAsleep &&
         (!trial.lossy || trial.opportunity.looked || share > kWorthRunningAsleep);
}

Result<Judgement> Attempts::judgeAsleep(Incumbent& incumbent, const graph::Model& model, double maxSeconds) {
  if (!incumbent.asleep) {
    auto built = m_bench.build(incumbent.model, Pace::Asleep);
    if (!built) return passOn(built);
    incumbent.asleep = std::move(*built);
  }
  auto candidate = m_bench.build(model, Pace::Asleep);
  if (!candidate) return passOn(candidate);
  JudgeOptions options;
  options.stopWhenClear = true;
  options.maxSeconds = maxSeconds;
  return judge(*incumbent.asleep, *candidate, options, m_bench.job());
}

// A small win where threads spin must not cost more where they sleep.
Result<std::string> Attempts::whyNotAsleep(Incumbent& incumbent, const graph::Model& model, Trial& trial) {
  const auto& spinning = *trial.judgement;
  const bool hasTime = m_secondsLeft > std::max(kLeastSecondsForAsleep, kShareForAsleep * m_watch.seconds());
  if (!mayLoseAsleep(spinning) || !hasTime) return std::string();
  auto asleep = judgeAsleep(incumbent, model, std::clamp(m_secondsLeft / 16, 0.5, 3.0));
  if (!asleep) return passOn(asleep);
  trial.asleep = std::move(*asleep);
  trial.opportunity.evidence.push_back(fmt::format("where idle threads sleep: {:.3f}x, {:.3f} to {:.3f}",
                                                   trial.asleep->ratio, trial.asleep->ci95.lo, trial.asleep->ci95.hi));
  if (!losesAsleep(spinning, *trial.asleep)) return std::string();
  return fmt::format("{:.3f}x faster where idle threads spin, but {:.3f}x where they sleep", spinning.ratio,
                     trial.asleep->ratio);
}

Result<bool> Attempts::fasterAsleep(Incumbent& incumbent, const graph::Model& model, Trial& trial) {
  auto judgement = judgeAsleep(incumbent, model, std::clamp(m_secondsLeft / 8, 0.5, 6.0));
  if (!judgement) return passOn(judgement);
  if (!paysAsleep(*trial.judgement, *judgement, trial.lossy)) return false;
  trial.opportunity.evidence.push_back(
      fmt::format("measured where idle threads sleep; about as fast where they spin: {:.3f}x, {:.3f} to {:.3f}",
                  trial.judgement->ratio, trial.judgement->ci95.lo, trial.judgement->ci95.hi));
  trial.spinning = std::exchange(trial.judgement, std::move(*judgement));
  return true;
}

// Smaller than the incumbent, and not at the price of time: no slower than the original, or as fast as was asked for.
Result<std::string> Attempts::whyNotSmaller(Incumbent& incumbent, const graph::Model& model, engine::Session& candidate,
                                            Pace pace, Trial& trial) {
  if (!incumbent.bytes) {
    auto bytes = m_bench.bytes(m_goal, incumbent.model);
    if (!bytes) return passOn(bytes);
    incumbent.bytes = *bytes;
  }
  auto bytes = m_bench.bytes(m_goal, model);
  if (!bytes) return passOn(bytes);
  trial.bytes = {incumbent.bytes, *bytes};
  if (*bytes > *incumbent.bytes * (1 - kSmallestSaving)) {
    return fmt::format("{} of {}", formatBytes(*bytes), formatBytes(*incumbent.bytes));
  }
  auto original = m_bench.build(m_bench.original(), pace);
  if (!original) return passOn(original);
  JudgeOptions options = judgingAt(pace);
  options.stopWhenClear = true;
  options.maxSeconds = std::clamp(m_secondsLeft / 6, 1.0, 6.0);
  auto judgement = judge(*original, candidate, options, m_bench.job());
  if (!judgement) return passOn(judgement);
  trial.judgement = *judgement;
  const auto limit = m_bench.constraints().maxLatencyMs;
  const auto smaller = fmt::format("{} of {}", formatBytes(*bytes), formatBytes(*incumbent.bytes));
  if (limit && judgement->candidateMs > *limit) {
    return fmt::format("{}, but it takes {}", smaller, formatMs(judgement->candidateMs));
  }
  return !limit && judgement->verdict == Verdict::Slower ? smaller + ", but slower" : std::string();
}

Result<std::string> Attempts::whyNotByMetric(const graph::Model& model) const {
  const auto& c = m_bench.constraints();
  if (c.metricCommand.empty() || !c.minMetric) return std::string();
  auto metric = runMetric(c.metricCommand, model);
  if (!metric) return passOn(metric);
  return *metric < *c.minMetric ? fmt::format("metric {:.4g} is below {:.4g}", *metric, *c.minMetric) : std::string();
}

}  // namespace ridgeline::advisor
