// Steps of a recorded program.
#pragma once

#include "collector/import/recording.h"

#include <string_view>

namespace ridgeline::collector::import {

// Fills recording.runs, unless a reader did: from ranges that are numbered ("ProfilerStep#7", "iteration 3") or named
// like steps and repeat; else from the repetition of the kernels of the busiest stream. After link().
void findRuns(Recording& recording, const Names& names);

// The index of the run a moment belongs to, or kNone.
uint32_t runAt(const Recording& recording, int64_t ns);

// Whether a range's name is that of a step, not counting its number.
bool namesStep(std::string_view name);

}  // namespace ridgeline::collector::import
