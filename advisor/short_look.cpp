#include "advisor/short_look.h"

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

}  // namespace ridgeline::advisor
