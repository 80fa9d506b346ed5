#include "cli/commands/processor_advice.h"

#include "plugins/sdk/host/plugin_host.h"

namespace ridgeline::cli {

std::vector<advisor::DeviceAdvice> processorAdvice(Job job) {
  std::vector<advisor::DeviceAdvice> advice;
  const auto found = plugins::PluginHost({}).find(job);
  if (!found) return advice;
  for (const auto& plugin : *found) {
    if (!plugin.usable()) continue;
    for (const auto& device : plugin.description.devices) {
      if (device.kind != "cpu") continue;
      for (const auto& r : device.rewrites) {
        advice.push_back({r.rule, r.variant, r.pays, r.why, plugin.description.name});
      }
    }
  }
  return advice;
}

}  // namespace ridgeline::cli
