#include "plugins/sdk/host/description.h"

#include <nlohmann/json.hpp>

namespace ridgeline::plugins {
namespace {

using nlohmann::json;

// Which member stands under which key: said once, for both directions.
template <class T, class F>
void visit(T& o, F&& f) requires std::is_same_v<std::remove_const_t<T>, OptionDescription> {
  f("name", o.name), f("default", o.defaultValue), f("description", o.description);
}
template <class T, class F>
void visit(T& c, F&& f) requires std::is_same_v<std::remove_const_t<T>, CounterDescription> {
  f("name", c.name), f("unit", c.unit), f("description", c.description), f("unavailable", c.unavailable);
  f("remedy", c.remedy);
}
template <class T, class F>
void visit(T& r, F&& f) requires std::is_same_v<std::remove_const_t<T>, RewriteDescription> {
  f("rule", r.rule), f("variant", r.variant), f("pays", r.pays), f("why", r.why);
}
template <class T, class F>
void visit(T& d, F&& f) requires std::is_same_v<std::remove_const_t<T>, DeviceDescription> {
  f("id", d.id), f("name", d.name), f("kind", d.kind), f("vendor", d.vendor), f("properties", d.properties);
  f("memory_bytes", d.memoryBytes), f("unavailable", d.unavailable), f("remedy", d.remedy);
  f("counters", d.counters), f("rewrites", d.rewrites);
}
template <class T, class F>
void visit(T& r, F&& f) requires std::is_same_v<std::remove_const_t<T>, RoofDescription> {
  f("compute", r.compute), f("dtype", r.dtype), f("level", r.level), f("pattern", r.pattern), f("value", r.value);
  f("spread", r.spread), f("threads", r.threads), f("how", r.how);
}
template <class T, class F>
void visit(T& v, F&& f) requires std::is_same_v<std::remove_const_t<T>, Variable> {
  f("name", v.name), f("value", v.value), f("how", v.how);
}
template <class T, class F>
void visit(T& m, F&& f) requires std::is_same_v<std::remove_const_t<T>, Message> {
  f("severity", m.severity), f("text", m.text);
}
template <class T, class F>
void visit(T& i, F&& f) requires std::is_same_v<std::remove_const_t<T>, Injection> {
  f("variables", i.variables), f("messages", i.messages);
}
template <class T, class F>
void visit(T& p, F&& f) requires std::is_same_v<std::remove_const_t<T>, PluginDescription> {
  f("name", p.name), f("version", p.version), f("vendor", p.vendor), f("description", p.description), f("abi", p.abi);
  f("collects", p.collects), f("injects", p.injects), f("measures_roofs", p.measuresRoofs), f("options", p.options);
  f("devices", p.devices), f("no_devices", p.noDevices), f("messages", p.messages);
}

template <class T>
json write(const T& value);
template <class T>
json write(const std::vector<T>& values) {
  json list = json::array();
  for (const auto& v : values) list.push_back(write(v));
  return list;
}
template <class T>
json write(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return static_cast<int>(value);
  } else if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string>) {
    json object = json::object();
    visit(value, [&](const char* key, const auto& member) { object[key] = write(member); });
    return object;
  } else {
    return value;
  }
}

template <class T>
void read(const json& from, T& value);
template <class T>
void read(const json& from, std::vector<T>& values) {
  for (const auto& item : from) read(item, values.emplace_back());
}
template <class T>
void read(const json& from, T& value) {
  if constexpr (std::is_enum_v<T>) {
    value = static_cast<T>(from.get<int>());
  } else if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string>) {
    visit(value, [&](const char* key, auto& member) { read(from.at(key), member); });
  } else {
    from.get_to(value);
  }
}

template <class T>
std::string dump(const T& value) {
  return write(value).dump(-1, ' ', false, json::error_handler_t::replace);
}

template <class T>
Result<T> parse(std::string_view text) try {
  T value;
  read(json::parse(text), value);
  return value;
} catch (const json::exception&) {
  return internalError("the answer of ridgeline-plugin-host cannot be read");
}

}  // namespace

std::string toJson(const PluginDescription& description) { return dump(description); }
std::string toJson(const std::vector<RoofDescription>& roofs) { return dump(roofs); }
std::string toJson(const Injection& injection) { return dump(injection); }
Result<PluginDescription> parseDescription(std::string_view text) { return parse<PluginDescription>(text); }
Result<std::vector<RoofDescription>> parseRoofs(std::string_view text) {
  return parse<std::vector<RoofDescription>>(text);
}
Result<Injection> parseInjection(std::string_view text) { return parse<Injection>(text); }

}  // namespace ridgeline::plugins
