#include "profile/json.h"

#include "profile/device_properties.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ridgeline::profile {
namespace {

using nlohmann::json;

// Names in a model need not be valid UTF-8; JSON must be.
std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json parse(std::string_view text) { return json::parse(text, nullptr, false); }

std::string textAt(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

int64_t integerAt(const json& object, const char* key, int64_t otherwise) {
  const auto it = object.find(key);
  return it != object.end() && it->is_number_integer() ? it->get<int64_t>() : otherwise;
}

}  // namespace

std::string toJsonArray(const std::vector<std::string>& texts) { return dump(json(texts)); }

bool fromJsonArray(std::string_view text, std::vector<std::string>& texts) {
  texts.clear();
  const json value = parse(text);
  if (!value.is_array()) return false;
  for (const auto& item : value) {
    if (!item.is_string()) return false;
    texts.push_back(item.get<std::string>());
  }
  return true;
}

std::string toJson(const DeviceProperties& properties) {
  json caches = json::array();
  for (const auto& cache : properties.caches) {
    caches.push_back({{"name", cache.name}, {"bytes", cache.bytes}, {"shared_by", cache.sharedBy}});
  }
  return dump({{"architecture", properties.architecture},
               {"logical_processors", properties.logicalProcessors},
               {"physical_cores", properties.physicalCores},
               {"isa", properties.isa},
               {"caches", std::move(caches)},
               {"memory_bytes", properties.memoryBytes}});
}

Result<DeviceProperties> parseDeviceProperties(std::string_view text) {
  const json value = parse(text);
  if (!value.is_object()) return badInput("the properties of a device are not a JSON object", "record it again");
  DeviceProperties properties;
  properties.architecture = textAt(value, "architecture");
  properties.logicalProcessors = static_cast<int>(integerAt(value, "logical_processors", 0));
  properties.physicalCores = static_cast<int>(integerAt(value, "physical_cores", 0));
  properties.memoryBytes = integerAt(value, "memory_bytes", 0);
  if (const auto isa = value.find("isa"); isa != value.end() && isa->is_array()) {
    for (const auto& item : *isa) {
      if (item.is_string()) properties.isa.push_back(item.get<std::string>());
    }
  }
  if (const auto caches = value.find("caches"); caches != value.end() && caches->is_array()) {
    for (const auto& item : *caches) {
      if (!item.is_object()) continue;
      const auto sharedBy = integerAt(item, "shared_by", 1);
      properties.caches.push_back({textAt(item, "name"), integerAt(item, "bytes", 0),
                                   static_cast<int>(std::clamp<int64_t>(sharedBy, 1, 1 << 20))});
    }
  }
  return properties;
}

}  // namespace ridgeline::profile
