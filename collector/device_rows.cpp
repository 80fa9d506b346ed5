#include "collector/device_rows.h"

#include "profile/device_properties.h"

#include <algorithm>
#include <string_view>

namespace ridgeline::collector {
namespace {

std::string vendorOf(std::string_view model) {
  for (const std::string_view vendor : {"Intel", "AMD", "Arm", "Ampere", "Apple"}) {
    if (model.find(vendor) != std::string_view::npos) return std::string(vendor);
  }
  return {};
}

// What the runs can have of the last-level cache was measured, where it was: on a shared machine it is less than what
// the processor says it has.
int64_t usableBytes(const cpu::CacheLevel& cache, const std::vector<cpu::Roof>& roofs) {
  for (const auto& roof : roofs) {
    if (roof.level != cache.name || roof.capacityBytes <= 0) continue;
    const int instances = std::max(1, roof.threads / std::max(1, cache.sharedBy));
    return std::min(cache.bytes, roof.capacityBytes / instances);
  }
  return cache.bytes;
}

profile::DeviceProperties propertiesOf(const cpu::Processor& processor, const std::vector<cpu::Roof>& roofs) {
  profile::DeviceProperties properties;
  properties.architecture = processor.architecture;
  properties.logicalProcessors = processor.logicalProcessors;
  properties.physicalCores = processor.physicalCores;
  properties.isa = processor.isa;
  properties.memoryBytes = processor.memoryBytes;
  for (const auto& cache : processor.caches) {
    properties.caches.push_back({cache.name, usableBytes(cache, roofs), cache.sharedBy});
  }
  return properties;
}

profile::Roof rowOf(const cpu::Roof& roof, profile::DeviceId device) {
  const bool compute = roof.kind == cpu::Roof::Kind::Compute;
  const bool integer = roof.dtype.starts_with("int") || roof.dtype.starts_with("uint");
  profile::Roof row;
  row.device = device;
  row.kind = compute ? profile::RoofKind::Compute : profile::RoofKind::Bandwidth;
  row.dtype = roof.dtype;
  row.level = roof.level;
  row.pattern = roof.pattern;
  row.value = roof.value;
  row.unit = !compute ? "B/s" : integer ? "OP/s" : "FLOP/s";
  row.threads = roof.threads;
  row.spread = roof.spread;
  row.provenance = profile::Provenance::Measured;
  row.how = roof.how;
  return row;
}

}  // namespace

Result<profile::DeviceId> writeDevice(profile::Profile& profile, const cpu::Processor& processor,
                                      const std::vector<cpu::Roof>& roofs) {
  auto device = profile.add(profile::Device{.name = processor.model,
                                            .kind = "cpu",
                                            .vendor = vendorOf(processor.model),
                                            .properties = toJson(propertiesOf(processor, roofs))});
  if (!device) return device;
  std::vector<profile::Roof> rows;
  for (const auto& roof : roofs) rows.push_back(rowOf(roof, *device));
  if (auto added = profile.addAll(rows); !added) return passOn(added);
  return device;
}

}  // namespace ridgeline::collector
