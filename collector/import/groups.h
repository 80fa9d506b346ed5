// Equal operators taken together: the operator rows of an imported timeline.
#pragma once

#include "collector/import/recording.h"

namespace ridgeline::collector::import {

// Fills recording.operators from calls of equal name and input shapes, and ops[].group. With an accelerator: operators
// that launched work, their time that of the work; what operators without work cost the host is in the call tree. On
// the host alone: every operator, its time without that of operators within it. After findRuns(); time is per run, or
// for the whole recording when there are none.
void groupOperators(Recording& recording, const Names& names);

// Which run the work or call of an event belongs to, or kNone. Work belongs to the run that launched it.
uint32_t runOf(const Recording& recording, const Event& event);

}  // namespace ridgeline::collector::import
