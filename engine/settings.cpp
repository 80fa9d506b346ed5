#include "engine/settings.h"

#include "base/files.h"

#include <nlohmann/json.hpp>

#include <array>

namespace ridgeline::engine {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;
constexpr int kMostThreads = 1024;
constexpr std::string_view kRemark = "engine settings";

struct Switch {
  const char* key;
  std::optional<bool> Settings::*field;
  const char *on, *off;  // for people
};
constexpr std::array<Switch, 5> kSwitches{
    {{"spinning", &Settings::spinning, "spinning", "no spinning"},
     {"parallel", &Settings::parallel, "operators side by side", "one operator at a time"},
     {"arena", &Settings::arena, "memory arena", "no memory arena"},
     {"memory_pattern", &Settings::memoryPattern, "memory pattern", "no memory pattern"},
     {"prepacking", &Settings::prepacking, "prepacked weights", "weights not prepacked"}}};

Status readThreads(const Json& value, std::string_view where, Settings& settings) {
  if (!value.is_number_integer() || value < 1 || value > kMostThreads) {
    return badInput(fmt::format("{}: threads must be a number from 1 to {}", where, kMostThreads));
  }
  settings.threads = value.get<int>();
  return {};
}

Status readOne(const std::string& key, const Json& value, std::string_view where, Settings& settings) {
  if (key == "engine") return {};  // for people
  if (key == "schema_version") {
    if (value == kSchemaVersion) return {};
    return badInput(fmt::format("{}: schema_version must be {}", where, kSchemaVersion));
  }
  if (key == "threads") return readThreads(value, where, settings);
  for (const auto& s : kSwitches) {
    if (key != s.key) continue;
    if (!value.is_boolean()) return badInput(fmt::format("{}: {} must be true or false", where, key));
    settings.*s.field = value.get<bool>();
    return {};
  }
  std::string known = "threads";
  for (const auto& s : kSwitches) known += fmt::format(", {}", s.key);
  return badInput(fmt::format("{}: no setting is called {}", where, key), "settings are " + known);
}

}  // namespace

std::string describe(const Settings& settings) {
  std::string text;
  if (settings.threads) text = fmt::format("{} {}", *settings.threads, *settings.threads == 1 ? "thread" : "threads");
  for (const auto& s : kSwitches) {
    if (const auto& value = settings.*s.field)
      text += fmt::format("{}{}", text.empty() ? "" : ", ", *value ? s.on : s.off);
  }
  return text;
}

std::string toJson(const Settings& settings) {
  Json json;
  json["schema_version"] = kSchemaVersion;
  json["engine"] = "ONNX Runtime";
  if (settings.threads) json["threads"] = *settings.threads;
  for (const auto& s : kSwitches) {
    if (const auto& value = settings.*s.field) json[s.key] = *value;
  }
  return json.dump(2) + "\n";
}

Result<Settings> parseSettings(std::string_view text, std::string_view where) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return badInput(fmt::format("{}: no JSON object", where));
  Settings settings;
  for (const auto& [key, value] : json.items()) {
    if (auto read = readOne(key, value, where, settings); !read) return passOn(read);
  }
  return settings;
}

fs::path settingsPathOf(const fs::path& model) { return fs::path(model).replace_extension(".engine.json"); }

Result<Settings> settingsFor(const fs::path& model, const fs::path& named, int threads) {
  const auto path = named.empty() ? settingsPathOf(model) : named;
  std::error_code ec;
  if (named.empty() && !fs::exists(path, ec)) return Settings{};
  auto text = readFile(path);
  if (!text) return passOn(text);
  auto settings = parseSettings(*text, path.string());
  if (settings && threads > 0) settings->threads.reset();
  return settings;
}

Settings settingsIn(const graph::Model& model) {
  const auto text = model.remark(kRemark);
  return text.empty() ? Settings{} : parseSettings(text, kRemark).value_or(Settings{});
}

void keepSettings(graph::Model& model, const Settings& settings) {
  model.setRemark(kRemark, settings.empty() ? "" : toJson(settings));
}

}  // namespace ridgeline::engine
