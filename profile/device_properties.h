// What is known of a device beyond its name: Device::properties, as JSON that any program can read.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::profile {

struct CacheProperties {
  std::string name;   // "L1d", "L2", "L3"
  int64_t bytes = 0;  // of one instance
  int sharedBy = 1;   // logical processors that share one
};

struct DeviceProperties {
  std::string architecture;  // "x86_64"
  int logicalProcessors = 0;
  int physicalCores = 0;
  std::vector<std::string> isa;
  std::vector<CacheProperties> caches;  // any order
  int64_t memoryBytes = 0;
};

std::string toJson(const DeviceProperties& properties);
// Keys that are missing keep their defaults; keys that are not known are ignored. BadInput when it is not a JSON
// object.
Result<DeviceProperties> parseDeviceProperties(std::string_view json);

}  // namespace ridgeline::profile
