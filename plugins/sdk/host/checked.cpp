#include "plugins/sdk/host/checked.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace ridgeline::plugins {
namespace {

constexpr size_t kMostOptions = 256;
// Faster than anything there is, by far: what is above is a mistake of units.
constexpr double kFastestCompute = 1e18, kFastestMemory = 1e15;
constexpr int64_t kLargestMemory = int64_t{1} << 50;

// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
bool isUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t more = lead < 0x80                   ? 0
                        : lead >= 0xc2 && lead < 0xe0 ? 1
                        : lead >= 0xe0 && lead < 0xf0 ? 2
                        : lead >= 0xf0 && lead < 0xf5 ? 3
                                                      : 9;
    if (more == 9 || i + more >= text.size()) return false;
    uint32_t code = more == 0 ? lead : lead & (0x3fu >> more);
    for (size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 0x3fu);
    }
    if ((more == 2 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) ||
        (more == 3 && (code < 0x10000 || code > 0x10ffff))) {
      return false;
    }
    i += more + 1;
  }
  return true;
}

bool hasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace

std::string Checker::optional(const char* text, std::string_view what) {
  if (!text) return {};
  const size_t length = ::strnlen(text, RIDGELINE_LONGEST_TEXT + 1);
  const std::string_view view(text, length);
  if (length > RIDGELINE_LONGEST_TEXT) {
    complain(fmt::format("{} is longer than {} bytes", what, RIDGELINE_LONGEST_TEXT));
    return {};
  }
  if (hasControl(view)) complain(fmt::format("{} has control characters in it", what));
  if (!isUtf8(view)) complain(fmt::format("{} is not UTF-8", what));
  return ok() ? std::string(view) : std::string();
}

std::string Checker::required(const char* text, std::string_view what) {
  if (!text) {
    complain(fmt::format("{} is NULL", what));
    return {};
  }
  auto value = optional(text, what);
  if (value.empty()) complain(fmt::format("{} is empty", what));
  return value;
}

std::string Checker::identifier(const char* text, std::string_view what, bool dashes) {
  auto value = required(text, what);
  const auto fits = [dashes](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (dashes && c == '-');
  };
  if (!ok()) return {};
  if (value.size() > 32 || !std::all_of(value.begin(), value.end(), fits) || value[0] < 'a') {
    complain(fmt::format("{} \"{}\" is no identifier: a-z, 0-9 and '_', at most 32, a letter first", what, value));
  }
  return value;
}

std::string Checker::jsonObject(const char* text, std::string_view what) {
  if (!text) return "{}";
  const size_t length = ::strnlen(text, kLargestStruct + 1);
  if (length > kLargestStruct) {
    complain(fmt::format("{} are longer than {} bytes", what, kLargestStruct));
    return "{}";
  }
  if (!nlohmann::json::parse(text, text + length, nullptr, false).is_object()) {
    complain(fmt::format("{} are no JSON object", what));
  }
  return ok() ? std::string(text, length) : "{}";
}

PluginDescription checkedInfo(const RidgelineInfo* info, Checker& check) {
  PluginDescription description;
  const auto i = wholeStruct(info, "its RidgelineInfo", check);
  if (!check.ok()) return description;
  description.name = check.identifier(i.name, "its name", false);
  description.version = check.required(i.version, "its version");
  description.vendor = check.required(i.vendor, "its vendor");
  description.description = check.required(i.description, "its description");
  if (i.option_count > kMostOptions) check.complain(fmt::format("it says that it has {} options", i.option_count));
  if (i.option_count > 0 && !i.options) check.complain("its options are NULL");
  for (size_t k = 0; check.ok() && k < i.option_count; ++k) {
    const auto o = wholeStruct(i.options[k], fmt::format("option {}", k), check);
    if (!check.ok()) break;
    description.options.push_back({check.identifier(o.name, "an option's name", true),
                                   check.optional(o.default_value, "an option's default"),
                                   check.required(o.description, "an option's description")});
  }
  return description;
}

DeviceDescription checkedDevice(const RidgelineDevice* device, Checker& check) {
  DeviceDescription out;
  const auto d = wholeStruct(device, "a RidgelineDevice", check);
  if (!check.ok()) return out;
  out.id = check.required(d.id, "the id of a device");
  out.name = check.required(d.name, "the name of device " + out.id);
  out.kind = check.identifier(d.kind, "the kind of device " + out.id, false);
  out.vendor = check.optional(d.vendor, "the vendor of device " + out.id);
  out.properties = check.jsonObject(d.properties, "the properties of device " + out.id);
  out.unavailable = check.optional(d.unavailable, "why device " + out.id + " cannot be used");
  out.remedy = check.optional(d.remedy, "the remedy for device " + out.id);
  out.memoryBytes = d.memory_bytes;
  if (d.memory_bytes < 0 || d.memory_bytes > kLargestMemory) {
    check.complain(fmt::format("device {} says that it has {} bytes of memory", out.id, d.memory_bytes));
  }
  return out;
}

RoofDescription checkedRoof(const RidgelineRoof* roof, Checker& check) {
  RoofDescription out;
  const auto r = wholeStruct(roof, "a RidgelineRoof", check);
  if (!check.ok()) return out;
  out.compute = r.kind == RIDGELINE_COMPUTE;
  if (r.kind != RIDGELINE_COMPUTE && r.kind != RIDGELINE_BANDWIDTH) {
    check.complain(fmt::format("a roof is of kind {}", r.kind));
  }
  if (out.compute) {
    out.dtype = check.required(r.dtype, "the data type of a compute roof");
  } else {
    out.level = check.required(r.level, "the level of a bandwidth roof");
    out.pattern = check.optional(r.pattern, "the pattern of a bandwidth roof");
  }
  const auto name = out.compute ? out.dtype : out.level;
  if (!std::isfinite(r.value) || r.value <= 0 || r.value > (out.compute ? kFastestCompute : kFastestMemory)) {
    check.complain(fmt::format("the roof of {} is {}", name, r.value));
  }
  if (!std::isfinite(r.spread) || r.spread < 0) check.complain(fmt::format("the spread of {} is {}", name, r.spread));
  if (r.threads < 0) check.complain(fmt::format("the roof of {} was measured on {} threads", name, r.threads));
  out.value = r.value;
  out.spread = r.spread;
  out.threads = r.threads;
  out.how = check.required(r.how, "how the roof of " + name + " was measured");
  return out;
}

CounterDescription checkedCounter(const RidgelineCounter* counter, Checker& check) {
  CounterDescription out;
  const auto c = wholeStruct(counter, "a RidgelineCounter", check);
  if (!check.ok()) return out;
  out.name = check.required(c.name, "the name of a counter");
  out.unit = check.required(c.unit, "the unit of counter " + out.name);
  out.description = check.required(c.description, "the description of counter " + out.name);
  out.unavailable = check.optional(c.unavailable, "why counter " + out.name + " does not count");
  out.remedy = check.optional(c.remedy, "the remedy for counter " + out.name);
  return out;
}

RewriteDescription checkedRewrite(const RidgelineRewrite* rewrite, Checker& check) {
  RewriteDescription out;
  const auto r = wholeStruct(rewrite, "a RidgelineRewrite", check);
  if (!check.ok()) return out;
  out.rule = check.required(r.rule, "the rule of a rewrite");
  out.variant = check.optional(r.variant, "the variant of a rewrite");
  out.why = check.required(r.why, "why a rewrite pays");
  if (r.pays != 1 && r.pays != -1) check.complain(fmt::format("rewrite {} pays {}, not 1 or -1", out.rule, r.pays));
  out.pays = r.pays > 0;
  return out;
}

Variable checkedVariable(const RidgelineVariable* variable, Checker& check) {
  Variable out;
  const auto v = wholeStruct(variable, "a RidgelineVariable", check);
  if (!check.ok()) return out;
  out.name = check.required(v.name, "the name of a variable");
  if (out.name.find('=') != std::string::npos) check.complain(fmt::format("variable {} has a = in its name", out.name));
  out.value = v.value ? check.optional(v.value, "the value of variable " + out.name) : "";
  if (!v.value) check.complain(fmt::format("the value of variable {} is NULL", out.name));
  if (v.how < RIDGELINE_REPLACE || v.how > RIDGELINE_APPEND) {
    check.complain(fmt::format("variable {} is to be put in by way {}", out.name, v.how));
  } else {
    out.how = static_cast<Variable::How>(v.how);
  }
  return out;
}

}  // namespace ridgeline::plugins
