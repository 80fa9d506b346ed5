// Order and connections of a recording's events.
#pragma once

#include "collector/import/recording.h"

namespace ridgeline::collector::import {

// Sorts events by track, start and length (longest first), so that what is nested comes after what holds it, and points
// works, calls and counters at them. Then finds for every work the call that launched it, by correlation, and the
// innermost operator around that call (else the innermost range); without a call, the operator by its external id.
void link(Recording& recording);

}  // namespace ridgeline::collector::import
