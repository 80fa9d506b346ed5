#include "advisor/short_look.h"

#include "advisor/propose.h"
#include "base/units.h"

namespace ridgeline::advisor {

Result<engine::Session> openToLook(const graph::Model& model, const engine::Settings& settings, Pace pace,
                                   const Subject& subject) {
  auto session = engine::Session::create(
      model, {.threads = subject.threads, .settings = settings, .quietBetweenRuns = pace == Pace::Shared});
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

Status predictByLooking(Opportunity& opportunity, const Subject& subject) {
  auto applied = applyToCopy(subject.model, opportunity, subject);
  if (!applied) return passOn(applied);
  const auto settings = engine::settingsIn(subject.model);
  auto before = openToLook(subject.model, settings, Pace::Shared, subject);
  if (!before) return passOn(before);
  auto after = openToLook(applied->model, settings, Pace::Shared, subject);
  if (!after) return passOn(after);
  auto look = shortLook(*before, *after, Pace::Shared, subject.job);
  if (!look) return passOn(look);
  opportunity.predictedGainMs = look->pairedGainMs();
  opportunity.looked = true;
  opportunity.evidence.insert(
      opportunity.evidence.begin(),
      fmt::format("a short look: {} with it, {} as it is", formatMs(look->candidateMs), formatMs(look->baselineMs)));
  return {};
}

}  // namespace ridgeline::advisor
