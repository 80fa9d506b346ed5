#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Settings of the engine instead of changes to the model (engine/settings.h): fewer threads, idle threads that sleep,
// operators side by side, no arena, no memory pattern, no prepacking. What they bring depends on the whole model and
// the machine's mood, so the prediction is a short look: the model run a few times with each.
std::unique_ptr<Rule> makeTuneEngineRule();

}  // namespace ridgeline::advisor
