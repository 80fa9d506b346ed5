#include "advisor/check/config.h"

#include "base/files.h"
#include "base/units.h"

#include <fnmatch.h>
#include <toml.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <sstream>

namespace ridgeline::advisor {
namespace {

// One table of the file: known keys, and what each does with its value.
using Setter = std::function<Status(const toml::value&)>;
using Setters = std::map<std::string, Setter>;

class TableReader {
 public:
  explicit TableReader(std::string file) : m_file(std::move(file)) {}

  Status read(const std::string& where, const toml::value& table, const Setters& setters) const {
    if (!table.is_table()) return wrong(where, "is no table");
    for (const auto& [key, value] : table.as_table()) {
      const auto setter = setters.find(key);
      if (setter == setters.end()) return unknown(where, key, setters);
      if (auto s = setter->second(value); !s) return wrong(where + "." + key, s.error().message);
    }
    return {};
  }

  tl::unexpected<Error> wrong(const std::string& where, const std::string& why) const {
    return badInput(fmt::format("{}: {}: {}", m_file, where, why));
  }

 private:
  tl::unexpected<Error> unknown(const std::string& where, const std::string& key, const Setters& setters) const {
    std::string known;
    for (const auto& s : setters) known += (known.empty() ? "" : ", ") + s.first;
    return badInput(fmt::format("{}: {} has no key {}", m_file, where, key), "it has " + known);
  }
  std::string m_file;
};

Setter text(std::string& target) {
  return [&target](const toml::value& v) -> Status {
    if (!v.is_string()) return badInput("wants a text");
    target = v.as_string().str;
    return {};
  };
}

template <class Target>
Setter number(Target& target) {
  return [&target](const toml::value& v) -> Status {
    if (!v.is_floating() && !v.is_integer()) return badInput("wants a number");
    const double value = v.is_floating() ? v.as_floating() : static_cast<double>(v.as_integer());
    if (!(value >= 0)) return badInput("wants a number of at least 0");
    target = value;
    return {};
  };
}

// A text with a unit: "5ms", "3%".
template <class Target>
Setter quantity(Target& target, Result<double> (*parse)(std::string_view), double factor = 1) {
  return [&target, parse, factor](const toml::value& v) -> Status {
    if (!v.is_string()) return badInput("wants a text with a unit, in quotes");
    auto value = parse(v.as_string().str);
    if (!value) return badInput(value.error().text());
    target = *value * factor;
    return {};
  };
}

Setters limitSetters(CheckConfig::LimitRule& rule) {
  auto& l = rule.limits;
  return {{"model", text(rule.model)},
          {"device", text(rule.device)},
          {"max_latency", quantity(l.maxLatencyMs, parseDuration, 1e3)},
          {"max_memory", quantity(l.maxMemoryBytes, parseBytes)},
          {"max_memory_growth", quantity(l.maxMemoryGrowth, parseFraction)},
          {"max_model_size", quantity(l.maxModelBytes, parseBytes)},
          {"max_model_growth", quantity(l.maxModelGrowth, parseFraction)},
          {"min_cosine", number(l.minCosine)},
          {"max_cost_per_million", number(l.maxCostPerMillion)},
          {"max_kwh_per_million", number(l.maxKwhPerMillion)}};
}

Status readLimits(const TableReader& reader, const toml::value& value, CheckConfig& config) {
  if (!value.is_array()) return reader.wrong("limit", "is written as [[limit]]");
  for (const auto& entry : value.as_array()) {
    CheckConfig::LimitRule rule;
    if (auto s = reader.read("limit", entry, limitSetters(rule)); !s) return s;
    config.rules.push_back(std::move(rule));
  }
  return {};
}

Result<CheckConfig> configOf(const toml::value& root, const std::string& name) {
  CheckConfig config;
  const TableReader reader(name);
  const Setters check{{"baseline", text(config.baseline)},
                      {"max_regression", quantity(config.maxRegression, parseFraction)},
                      {"budget", quantity(config.budgetSeconds, parseDuration)}};
  const Setters cost{{"price_per_hour", number(config.prices.perHour)},
                     {"currency", text(config.prices.currency)},
                     {"watts", number(config.prices.watts)}};
  const Setters top{{"check", [&](const toml::value& v) { return reader.read("check", v, check); }},
                    {"cost", [&](const toml::value& v) { return reader.read("cost", v, cost); }},
                    {"limit", [&](const toml::value& v) { return readLimits(reader, v, config); }}};
  for (const auto& [key, value] : root.as_table()) {
    const auto setter = top.find(key);
    if (setter == top.end()) {
      return badInput(fmt::format("{}: there is no table {}", name, key), "there are [check], [cost] and [[limit]]");
    }
    if (auto s = setter->second(value); !s) return passOn(s);
  }
  return config;
}

bool fits(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace

Limits merged(const Limits& base, const Limits& over) {
  const auto pick = [](const std::optional<double>& b, const std::optional<double>& o) { return o ? o : b; };
  return {.maxLatencyMs = pick(base.maxLatencyMs, over.maxLatencyMs),
          .maxMemoryBytes = pick(base.maxMemoryBytes, over.maxMemoryBytes),
          .maxMemoryGrowth = pick(base.maxMemoryGrowth, over.maxMemoryGrowth),
          .maxModelBytes = pick(base.maxModelBytes, over.maxModelBytes),
          .maxModelGrowth = pick(base.maxModelGrowth, over.maxModelGrowth),
          .minCosine = pick(base.minCosine, over.minCosine),
          .maxCostPerMillion = pick(base.maxCostPerMillion, over.maxCostPerMillion),
          .maxKwhPerMillion = pick(base.maxKwhPerMillion, over.maxKwhPerMillion)};
}

Limits CheckConfig::limitsFor(const std::string& model, const std::string& device) const {
  Limits limits;
  for (const auto& rule : rules) {
    if (fits(rule.model, model) && fits(rule.device, device)) limits = merged(limits, rule.limits);
  }
  return limits;
}

Result<CheckConfig> parseConfig(const std::string& content, const std::string& name) {
  // The library reports by exceptions, with messages of many lines.
  try {
    std::istringstream stream(content);
    return configOf(toml::parse(stream, name), name);
  } catch (const toml::exception& e) {
    return badInput(fmt::format("{} is no TOML: line {}", name, e.location().line()));
  } catch (const std::exception& e) {
    std::string what = e.what();
    return badInput(fmt::format("{} is no TOML: {}", name, what.substr(0, what.find('\n'))));
  }
}

Result<CheckConfig> readConfig(const std::filesystem::path& path) {
  auto content = readFile(path);
  if (!content) return passOn(content);
  return parseConfig(*content, path.filename().string());
}

}  // namespace ridgeline::advisor
