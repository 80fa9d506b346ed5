// What was counted in a run of its own, put to the kernels of the recording.
#pragma once

#include "base/progress.h"
#include "collector/launch/spool_rows.h"

namespace ridgeline::collector {

struct CountingTotals {
  int64_t matched = 0;    // kernels of the recording that have counters now
  int64_t unmatched = 0;  // kernels that were counted and are not in the recording
  int64_t uncounted = 0;  // kernels of the recording that were not counted
  int64_t lost = 0;       // that the plugin could not count
  std::vector<std::string> notes;
};

// `spools`: of the second run; the recording of the first is in the profile already. Processes are matched by the name
// of their program and their order.
Result<CountingTotals> writeCounters(profile::Profile& profile, const SpoolFolder& spools, const SpoolContext& context,
                                     Job job);

}  // namespace ridgeline::collector
