// The roofs of plugins' devices: measured once for a machine, kept in the cache folder.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "plugins/sdk/host/plugin_host.h"
#include "profile/profile.h"

#include <string>
#include <vector>

namespace ridgeline::collector {

// Measured anew when the device's name or properties or the plugin's version have changed, or `again`.
Result<std::vector<plugins::RoofDescription>> deviceRoofs(const plugins::PluginHost& host,
                                                          const plugins::FoundPlugin& plugin, const std::string& device,
                                                          int threads, bool again, Job job);

profile::Roof roofRow(const plugins::RoofDescription& roof, profile::DeviceId device);
Status addRoofs(profile::Profile& profile, profile::DeviceId device,
                const std::vector<plugins::RoofDescription>& roofs);

}  // namespace ridgeline::collector
