#include "collector/launch/device_roofs.h"

#include "base/files.h"
#include "base/hash.h"

#include <algorithm>

namespace ridgeline::collector {
namespace {

// One file a device: what one process writes cannot undo what another wrote.
Result<std::filesystem::path> cacheFile(const plugins::FoundPlugin& plugin, const plugins::DeviceDescription& device,
                                        int threads) {
  auto folder = cacheFolder();
  if (!folder) return folder;
  const auto& d = plugin.description;
  const auto key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", d.name, d.version, device.id, device.name,
                               device.properties, device.memoryBytes, threads);
  return *folder / fmt::format("roofs-{}-{}.json", d.name, sha256Of(key).substr(0, 16));
}

}  // namespace

Result<std::vector<plugins::RoofDescription>> deviceRoofs(const plugins::PluginHost& host,
                                                          const plugins::FoundPlugin& plugin, const std::string& device,
                                                          int threads, bool again, Job job) {
  const auto& devices = plugin.description.devices;
  const auto described = std::find_if(devices.begin(), devices.end(), [&](const auto& d) { return d.id == device; });
  if (described == devices.end()) {
    return unavailable(fmt::format("plugin {} does not see it from here", plugin.description.name));
  }
  const auto file = cacheFile(plugin, *described, threads);
  if (file && !again) {
    if (const auto text = readFile(*file)) {
      if (auto roofs = plugins::parseRoofs(*text); roofs && !roofs->empty()) return roofs;
    }
  }
  job.progress.phase("measure roofs");
  auto roofs = host.roofs(plugin, device, threads, job);
  if (roofs && file && !roofs->empty()) {
    if (auto kept = writeFileAtomically(*file, plugins::toJson(*roofs) + "\n"); !kept) {
      job.progress.note("the measured roofs are not kept: " + kept.error().text());
    }
  }
  return roofs;
}

profile::Roof roofRow(const plugins::RoofDescription& roof, profile::DeviceId device) {
  const bool integer = roof.dtype.starts_with("int") || roof.dtype.starts_with("uint");
  profile::Roof row;
  row.device = device;
  row.kind = roof.compute ? profile::RoofKind::Compute : profile::RoofKind::Bandwidth;
  row.dtype = roof.dtype;
  row.level = roof.level;
  row.pattern = roof.pattern;
  row.value = roof.value;
  row.unit = !roof.compute ? "B/s" : integer ? "OP/s" : "FLOP/s";
  row.threads = roof.threads;
  row.spread = roof.spread;
  row.how = roof.how;
  return row;
}

Status addRoofs(profile::Profile& profile, profile::DeviceId device,
                const std::vector<plugins::RoofDescription>& roofs) {
  std::vector<profile::Roof> rows;
  for (const auto& roof : roofs) rows.push_back(roofRow(roof, device));
  return profile.addAll(rows);
}

}  // namespace ridgeline::collector
