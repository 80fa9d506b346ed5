// What plugins say of rewrites on the processor, which is what the engine runs models on.
#pragma once

#include "advisor/device_advice.h"
#include "base/progress.h"

namespace ridgeline::cli {

// A plugin that cannot be asked is left out: its word only orders what is tried.
std::vector<advisor::DeviceAdvice> processorAdvice(Job job);

}  // namespace ridgeline::cli
