// A comparison of under a second: how rules predict what only running the model can tell.
#pragma once

#include "advisor/judge.h"
#include "advisor/rule.h"
#include "advisor/workbench.h"

namespace ridgeline::advisor {

// The model with the subject's sample bound; `subject.sample` must not be null.
Result<engine::Session> openToLook(const graph::Model& model, const engine::Settings& settings, Pace pace,
                                   const Subject& subject);

// Predicts what a proposal wins by running the model with it against the model as it is.
Status predictByLooking(Opportunity& opportunity, const Subject& subject);

Result<Judgement> shortLook(engine::Session& incumbent, engine::Session& candidate, Pace pace, Job job);

}  // namespace ridgeline::advisor
