#include "cli/text/plugin_devices.h"

#include "base/units.h"
#include "cli/text/roofs_text.h"
#include "cli/text/table.h"
#include "collector/launch/device_roofs.h"

#include <map>

namespace ridgeline::cli {

Result<PluginDevices> lookAtPlugins(const plugins::HostOptions& options, bool calibrate, Job job) {
  const plugins::PluginHost host(options);
  auto found = host.find(job);
  PluginDevices out;
  if (!found && found.error().code == ErrorCode::Unavailable) {
    out.notes.push_back("no plugins: " + found.error().text());
    return out;
  }
  if (!found) return passOn(found);
  for (const auto& plugin : *found) {
    const auto& d = plugin.description;
    if (!plugin.usable()) {
      out.notes.push_back("left out: " + plugin.problem);
      continue;
    }
    if (!d.noDevices.empty()) out.notes.push_back(fmt::format("{}: {}", d.name, d.noDevices));
    if (d.name == "cpu" && !d.devices.empty()) {
      out.cpuCounters = d.devices.front().counters;
      continue;
    }
    for (const auto& device : d.devices) {
      PluginDevice row{d.name, device, {}, device.unavailable};
      if (device.unavailable.empty() && d.measuresRoofs) {
        auto roofs = collector::deviceRoofs(host, plugin, device.id, 0, calibrate, job);
        if (!roofs && roofs.error().code == ErrorCode::Interrupted) return passOn(roofs);
        if (!roofs) row.noRoofs = roofs.error().text();
        for (const auto& roof : roofs ? *roofs : std::vector<plugins::RoofDescription>()) {
          row.roofs.push_back(collector::roofRow(roof, {}));
        }
      }
      out.others.push_back(std::move(row));
    }
  }
  return out;
}

std::string countersText(const std::vector<plugins::CounterDescription>& counters, int indent) {
  std::string working;
  std::map<std::string, std::string> missing;  // names, by why and what would help
  for (const auto& c : counters) {
    auto& names = c.unavailable.empty() ? working : missing[c.unavailable + (c.remedy.empty() ? "" : "; " + c.remedy)];
    names += (names.empty() ? "" : ", ") + c.name;
  }
  const std::string margin(static_cast<size_t>(indent), ' ');
  std::string out;
  if (!working.empty()) out += fmt::format("{}{:<14}{}\n", margin, "counters", wrap(working, 82, indent + 14));
  for (const auto& [why, names] : missing) {
    out += fmt::format("{}{:<14}{}\n", margin, "no counters", wrap(names + ": " + why, 82, indent + 14));
  }
  return out;
}

std::string otherDevicesText(const PluginDevices& devices) {
  std::string out;
  for (const auto& d : devices.others) {
    out += fmt::format("\n{} ({}, by plugin {})\n", d.device.name, d.device.kind, d.plugin);
    if (d.device.memoryBytes > 0) {
      out += fmt::format("  {:<14}{}\n", "memory", formatBytes(static_cast<double>(d.device.memoryBytes)));
    }
    out += countersText(d.device.counters, 2);
    const auto remedy = d.device.remedy.empty() ? "" : "; " + d.device.remedy;
    if (!d.noRoofs.empty()) out += fmt::format("  {:<14}{}\n", "no roofs", wrap(d.noRoofs + remedy, 82, 16));
    if (!d.roofs.empty()) out += "\n" + roofTable(d.roofs).text();
  }
  for (const auto& note : devices.notes) out += "\n" + wrap(note, 98, 2) + "\n";
  return out;
}

std::string otherDevicesMarkdown(const PluginDevices& devices) {
  std::string out;
  for (const auto& d : devices.others)
    out += fmt::format("\n## {}\n\n{}", d.device.name, roofTable(d.roofs).markdown());
  return out;
}

nlohmann::ordered_json countersJson(const std::vector<plugins::CounterDescription>& counters) {
  auto list = nlohmann::ordered_json::array();
  const auto orNull = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
  };
  for (const auto& c : counters) {
    list.push_back({{"name", c.name},
                    {"unit", c.unit},
                    {"description", c.description},
                    {"unavailable", orNull(c.unavailable)},
                    {"remedy", orNull(c.remedy)}});
  }
  return list;
}

nlohmann::ordered_json deviceJson(const PluginDevice& d) {
  nlohmann::ordered_json j;
  j["name"] = d.device.name;
  j["kind"] = d.device.kind;
  j["plugin"] = d.plugin;
  j["properties"] = nlohmann::ordered_json::parse(d.device.properties, nullptr, false);
  j["unavailable"] =
      d.device.unavailable.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(d.device.unavailable);
  j["roofs"] = roofsJson(d.roofs);
  j["counters"] = countersJson(d.device.counters);
  return j;
}

}  // namespace ridgeline::cli
