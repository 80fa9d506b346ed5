// Devices of plugins, for `devices`: what they are, their roofs, what they count and why not more.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "plugins/sdk/host/plugin_host.h"
#include "profile/vocabulary.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace ridgeline::cli {

struct PluginDevice {
  std::string plugin;
  plugins::DeviceDescription device;
  std::vector<profile::Roof> roofs;
  std::string noRoofs;  // why there are none
};

struct PluginDevices {
  std::vector<plugins::CounterDescription> cpuCounters;  // of the processor, which `devices` lists first
  std::vector<PluginDevice> others;
  std::vector<std::string> notes;  // plugins without a device or left out, one line each
};

// Roofs are measured where they are not cached, or `calibrate` says so.
Result<PluginDevices> lookAtPlugins(const plugins::HostOptions& options, bool calibrate, Job job);

std::string countersText(const std::vector<plugins::CounterDescription>& counters, int indent);
std::string otherDevicesText(const PluginDevices& devices);
std::string otherDevicesMarkdown(const PluginDevices& devices);
nlohmann::ordered_json countersJson(const std::vector<plugins::CounterDescription>& counters);
nlohmann::ordered_json deviceJson(const PluginDevice& device);

}  // namespace ridgeline::cli
