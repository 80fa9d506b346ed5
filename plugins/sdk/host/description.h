// What a plugin said of itself, checked, in C++: how it travels from the process that probed it.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::plugins {

struct OptionDescription {
  std::string name, defaultValue, description;
};

struct CounterDescription {
  std::string name, unit, description;
  std::string unavailable;  // why it does not count here; empty: it does
  std::string remedy;
};

struct RewriteDescription {
  std::string rule, variant;
  bool pays = false;
  std::string why;
};

struct DeviceDescription {
  std::string id, name, kind, vendor;
  std::string properties = "{}";  // a JSON object
  int64_t memoryBytes = 0;        // 0: not known
  std::string unavailable;        // why it cannot be used; empty: it can
  std::string remedy;
  std::vector<CounterDescription> counters;
  std::vector<RewriteDescription> rewrites;
};

struct RoofDescription {
  bool compute = false;  // else bandwidth
  std::string dtype, level, pattern;
  double value = 0;  // operations/s or bytes/s
  double spread = 0;
  int threads = 0;
  std::string how;
};

struct Variable {
  enum class How { Replace, Prepend, Append };
  std::string name, value;
  How how = How::Replace;
};

struct Message {
  int severity = 0;  // RidgelineSeverity
  std::string text;
};

// How a plugin gets into a child, and what it had to say of that.
struct Injection {
  std::vector<Variable> variables;
  std::vector<Message> messages;
};

struct PluginDescription {
  std::string name, version, vendor, description;
  uint32_t abi = 0;
  bool collects = false, injects = false, measuresRoofs = false;
  std::vector<OptionDescription> options;
  std::vector<DeviceDescription> devices;
  std::string noDevices;          // why it could not look for any; empty: it could
  std::vector<Message> messages;  // what else it had to say
};

// Lines of text that only this project's own programs exchange. Parsing fails (Internal) on what toJson cannot have
// written.
std::string toJson(const PluginDescription& description);
std::string toJson(const std::vector<RoofDescription>& roofs);
std::string toJson(const Injection& injection);
Result<PluginDescription> parseDescription(std::string_view json);
Result<std::vector<RoofDescription>> parseRoofs(std::string_view json);
Result<Injection> parseInjection(std::string_view json);

}  // namespace ridgeline::plugins
