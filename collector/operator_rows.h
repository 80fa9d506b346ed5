// What was observed as rows: runs, operators, the nodes they stand for, and the timeline of the typical run.
#pragma once

#include "collector/model_rows.h"

namespace ridgeline::collector {

Status writeObservation(profile::Profile& profile, profile::DeviceId device, const NodeIds& nodes,
                        const Observation& observation);

}  // namespace ridgeline::collector
