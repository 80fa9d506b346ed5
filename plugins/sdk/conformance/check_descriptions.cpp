// What a plugin says: is it whole, does it make sense, does it say the same twice.
#include "plugins/sdk/conformance/conformance.h"

#include <filesystem>
#include <set>

namespace ridgeline::plugins {
namespace fs = std::filesystem;
namespace {

using Step = std::function<void(std::string_view)>;

StopFlag neverStopped;

Result<LoadedPlugin> open(const fs::path& library, const Step& step) {
  step("load");
  return LoadedPlugin::load(library, {}, neverStopped);
}

// The devices; none where the machine has none, which is no failure.
Result<std::vector<DeviceDescription>> devicesOf(LoadedPlugin& plugin, const Step& step) {
  step("devices");
  auto devices = plugin.devices();
  if (!devices && devices.error().code == ErrorCode::Unavailable) return std::vector<DeviceDescription>();
  return devices;
}

std::string textOf(const std::vector<DeviceDescription>& devices) {
  PluginDescription all;
  all.devices = devices;
  return toJson(all);
}

template <class Function>
Result<bool> forEachDevice(const fs::path& library, const Step& step, bool usableOnly, Function&& function) {
  auto plugin = open(library, step);
  if (!plugin) return passOn(plugin);
  auto devices = devicesOf(*plugin, step);
  if (!devices) return passOn(devices);
  for (const auto& device : *devices) {
    if (usableOnly && !device.unavailable.empty()) continue;
    if (auto checked = function(*plugin, device); !checked) return passOn(checked);
  }
  return true;
}

}  // namespace

Result<bool> checkLoads(const fs::path& library, const Step& step) {
  auto plugin = open(library, step);
  if (!plugin) return passOn(plugin);
  return true;
}

Result<bool> checkOlderHost(const fs::path& library, const Step& step) {
  step("ridgeline_plugin_open");
  // What it answers does not matter: an ABI 0 never was.
  const auto plugin = LoadedPlugin::load(library, {}, neverStopped, 0);
  if (!plugin && plugin.error().message.find("throws") != std::string::npos)
    return tl::unexpected<Error>(plugin.error());
  return true;
}

Result<bool> checkDescribe(const fs::path& library, const Step& step) {
  auto plugin = open(library, step);
  if (!plugin) return passOn(plugin);
  step("describe");
  auto first = plugin->describe();
  if (!first) return passOn(first);
  auto second = plugin->describe();
  if (!second) return passOn(second);
  if (toJson(*first) != toJson(*second)) return plugin->wrong("describe() says something else the second time");
  std::set<std::string> names;
  for (const auto& option : first->options) {
    if (!names.insert(option.name).second) return plugin->wrong("two options are called " + option.name);
  }
  return true;
}

Result<bool> checkDevices(const fs::path& library, const Step& step) {
  auto plugin = open(library, step);
  if (!plugin) return passOn(plugin);
  step("devices");
  auto first = plugin->devices();
  auto second = plugin->devices();
  if (first.has_value() != second.has_value()) return plugin->wrong("devices() succeeds only sometimes");
  if (!first) {
    if (first.error().code != ErrorCode::Unavailable) return passOn(first);
    if (first.error().message.find("does not say why") != std::string::npos) return passOn(first);
    return true;
  }
  if (textOf(*first) != textOf(*second)) return plugin->wrong("devices() says something else the second time");
  return true;
}

Result<bool> checkCounters(const fs::path& library, const Step& step) {
  auto plugin = open(library, step);
  if (!plugin) return passOn(plugin);
  if (!plugin->table().counters) return false;
  return forEachDevice(library, step, false, [&](LoadedPlugin& p, const DeviceDescription& device) -> Status {
    step("counters");
    auto counters = p.counters(device.id);
    if (!counters) return passOn(counters);
    std::set<std::string> names;
    for (const auto& counter : *counters) {
      if (!names.insert(counter.name).second) return p.wrong("two counters are called " + counter.name);
    }
    return {};
  });
}

Result<bool> checkRewrites(const fs::path& library, const Step& step) {
  auto plugin = open(library, step);
  if (!plugin) return passOn(plugin);
  if (!plugin->table().rewrites) return false;
  return forEachDevice(library, step, false, [&](LoadedPlugin& p, const DeviceDescription& device) -> Status {
    step("rewrites");
    auto rewrites = p.rewrites(device.id);
    if (!rewrites) return passOn(rewrites);
    return {};
  });
}

Result<bool> checkRoofs(const fs::path& library, const Step& step) {
  auto plugin = open(library, step);
  if (!plugin) return passOn(plugin);
  if (!plugin->table().roofs) return false;
  return forEachDevice(library, step, true, [&](LoadedPlugin& p, const DeviceDescription& device) -> Status {
    step("roofs");
    auto roofs = p.roofs(device.id, 0);
    if (!roofs) return passOn(roofs);
    if (roofs->empty()) return p.wrong(fmt::format("roofs() has none for device {}", device.id));
    return {};
  });
}

Result<bool> checkInjection(const fs::path& library, const Step& step) {
  auto plugin = open(library, step);
  if (!plugin) return passOn(plugin);
  if (!plugin->table().injection) return false;
  step("injection");
  auto variables = plugin->injection(fs::temp_directory_path().string(), {});
  if (!variables) {
    // A machine may lack what would be injected; the plugin must say what.
    if (variables.error().code == ErrorCode::Unavailable) return true;
    return passOn(variables);
  }
  for (const auto& variable : *variables) {
    std::error_code ec;
    if (variable.value.starts_with("/") && variable.value.ends_with(".so") && !fs::exists(variable.value, ec)) {
      return plugin->wrong(fmt::format("variable {} names {}, which is not there", variable.name,
                                       fs::path(variable.value).filename().string()));
    }
  }
  return true;
}

}  // namespace ridgeline::plugins
