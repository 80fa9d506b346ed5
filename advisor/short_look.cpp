#include "advisor/short_look.h"

#include "advisor/asleep.h"
#include "advisor/propose.h"
#include "base/units.h"

namespace ridgeline::advisor {

Result<engine::Session> openToLook(const graph::Model& model, const engine::Settings& settings, Pace pace,
                                   const Subject& subject) {
  engine::SessionOptions options{
      .threads = subject.threads, .settings = settings, .quietBetweenRuns = pace == Pace::Shared};
  if (pace == Pace::Asleep) options.settings.spinning = false;
  auto session = engine::Session::create(model, options);
  if (!session) return session;
  if (auto bound = session->bind(*subject.sample); !bound) return passOn(bound);
  return session;
}

Result<Judgement> shortLook(engine::Session& incumbent, engine::Session& candidate, Pace pace, Job job) {
  JudgeOptions options = judgingAt(pace);
  options.maxSeconds = 0.7;
  options.minRounds = 5;
  options.stopWhenClear = true;
  return judge(incumbent, candidate, options, job);
}

namespace {

Result<Judgement> compare(const Subject& subject, const graph::Model& candidate, Pace pace) {
  const auto settings = engine::settingsIn(subject.model);
  auto before = openToLook(subject.model, settings, pace, subject);
  if (!before) return passOn(before);
  auto after = openToLook(candidate, settings, pace, subject);
  if (!after) return passOn(after);
  return shortLook(*before, *after, pace, subject.job);
}

}  // namespace

Status predictByLooking(Opportunity& opportunity, const Subject& subject) {
  auto applied = applyToCopy(subject.model, opportunity, subject);
  if (!applied) return passOn(applied);
  auto look = compare(subject, applied->model, Pace::Shared);
  if (!look) return passOn(look);
  const char* where = "";
  if (look->ratio < 1 && nearlyAsFast(*look) && subject.threads > 1) {
    auto asleep = compare(subject, applied->model, Pace::Asleep);
    if (!asleep) return passOn(asleep);
    if (paysAsleep(*look, *asleep, true)) {
      look = std::move(asleep);
      where = " where idle threads sleep";
    }
  }
  opportunity.predictedGainMs = look->pairedGainMs();
  opportunity.looked = true;
  opportunity.evidence.insert(opportunity.evidence.begin(),
                              fmt::format("a short look: {} with it, {} as it is{}", formatMs(look->candidateMs),
                                          formatMs(look->baselineMs), where));
  return {};
}

}  // namespace ridgeline::advisor
