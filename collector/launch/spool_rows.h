// What was spooled, as rows of a profile.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "collector/launch/spool_folder.h"
#include "plugins/sdk/host/plugin_host.h"
#include "profile/profile.h"
#include "profile/timeline_vocabulary.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ridgeline::collector {

// A device that the recording names.
struct SpooledDevice {
  profile::DeviceId row;
  std::string plugin, id, name;
  int64_t kernels = 0;
  int64_t busyNs = 0;  // of kernels, overlaps counted twice
};

struct SpoolTotals {
  int64_t processes = 0, kernels = 0, copies = 0, spans = 0;
  int64_t lost = 0;     // that plugins say there should have been
  int64_t dropped = 0;  // whose times make no sense
  std::vector<SpooledDevice> devices;
  std::vector<std::string> notes;
};

struct SpoolContext {
  int64_t originNs = 0;  // what is 0 in the profile, on CLOCK_MONOTONIC
  // CLOCK_REALTIME - CLOCK_MONOTONIC here: a process in another time namespace has another difference.
  int64_t realtimeOffsetNs = 0;
  std::vector<plugins::FoundPlugin> plugins;  // that know more of their devices than the spools say
};

// In bounded memory, one transaction a spool.
Result<SpoolTotals> writeSpools(profile::Profile& profile, const SpoolFolder& spools, const SpoolContext& context,
                                Job job);

}  // namespace ridgeline::collector
