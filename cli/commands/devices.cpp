#include "base/units.h"
#include "cli/commands/command.h"
#include "cli/text/plugin_devices.h"
#include "cli/text/roofs_text.h"
#include "collector/device_rows.h"
#include "profile/device_properties.h"

namespace ridgeline::cli {
namespace {

struct Known {
  profile::Device device;
  std::vector<profile::Roof> roofs;
};

// Through rows of a profile in memory, so that `devices` says what a recording would.
Result<Known> lookAtProcessor(int threads, bool calibrate, Job job) {
  const auto processor = cpu::detectProcessor();
  if (threads == 0) threads = processor.logicalProcessors;
  job.progress.phase("measure roofs");
  auto roofs = cpu::cachedRoofs(processor, threads, calibrate, job);
  if (!roofs) return passOn(roofs);
  auto profile = profile::Profile::createInMemory();
  if (!profile) return passOn(profile);
  if (auto id = collector::writeDevice(*profile, processor, *roofs); !id) return passOn(id);
  auto devices = profile->all<profile::Device>();
  if (!devices) return passOn(devices);
  auto rows = profile->all<profile::Roof>();
  if (!rows) return passOn(rows);
  return Known{devices->front(), std::move(*rows)};
}

std::string propertiesText(const profile::DeviceProperties& p) {
  std::string isa, caches;
  for (const auto& i : p.isa) isa += (isa.empty() ? "" : " ") + i;
  for (const auto& c : p.caches) {
    caches += fmt::format("{}{} {}{}", caches.empty() ? "" : ", ", c.name, formatBytes(static_cast<double>(c.bytes)),
                          c.sharedBy > 1 ? fmt::format(" shared by {}", c.sharedBy) : "");
  }
  std::string out;
  out += fmt::format("  {:<14}{} logical, {} cores\n", "processors", p.logicalProcessors, p.physicalCores);
  out += fmt::format("  {:<14}{}\n", "instructions", wrap(isa, 82, 16));
  out += fmt::format("  {:<14}{}\n", "caches", wrap(caches, 82, 16));
  out += fmt::format("  {:<14}{}\n", "memory", formatBytes(static_cast<double>(p.memoryBytes)));
  return out;
}

std::string devicesJson(const Known& known, const PluginDevices& plugins) {
  nlohmann::ordered_json device;
  device["name"] = known.device.name;
  device["kind"] = known.device.kind;
  device["properties"] = nlohmann::ordered_json::parse(known.device.properties, nullptr, false);
  device["roofs"] = roofsJson(known.roofs);
  device["counters"] = countersJson(plugins.cpuCounters);
  nlohmann::ordered_json j;
  j["schema_version"] = 1;
  j["devices"] = nlohmann::ordered_json::array({device});
  for (const auto& other : plugins.others) j["devices"].push_back(deviceJson(other));
  j["notes"] = plugins.notes;
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

Action declareDevices(CLI::App& program) {
  struct Arguments {
    bool calibrate = false;
    int threads = 0;
    std::vector<std::string> pluginOptions;
    OutputOptions output;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("devices", "List devices with their measured roofs");
  verb->footer("Roofs are measured once for a machine and a thread count, and cached.");
  verb->add_flag("--calibrate", args->calibrate, "Measure the roofs again");
  verb->add_option("--threads", args->threads, "Threads to measure with (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  addPluginOptions(*verb, args->pluginOptions);
  addOutputOptions(*verb, args->output, true);
  return [args](Console& console) -> Status {
    console.setProgress(args->output.progress);
    auto known = lookAtProcessor(args->threads, args->calibrate, console.job());
    if (!known) return passOn(known);
    plugins::HostOptions hostOptions;
    for (const auto& text : args->pluginOptions) {
      if (auto added = plugins::addOption(text, hostOptions); !added) return added;
    }
    auto others = lookAtPlugins(hostOptions, args->calibrate, console.job());
    if (!others) return passOn(others);
    if (args->output.format == Format::Json) return console.print(devicesJson(*known, *others), args->output.file);
    auto properties = profile::parseDeviceProperties(known->device.properties);
    if (!properties) return passOn(properties);
    const auto table = roofTable(known->roofs);
    if (args->output.format == Format::Markdown) {
      return console.print(
          fmt::format("## {}\n\n{}{}", known->device.name, table.markdown(), otherDevicesMarkdown(*others)),
          args->output.file);
    }
    return console.print(
        fmt::format("{} ({})\n{}{}\n{}{}", known->device.name, known->device.kind, propertiesText(*properties),
                    countersText(others->cpuCounters, 2), table.text(), otherDevicesText(*others)),
        args->output.file);
  };
}

}  // namespace ridgeline::cli
