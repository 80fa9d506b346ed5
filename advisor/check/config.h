// ridgeline.toml: what a pipeline demands of its models.
#pragma once

#include "base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// Empty: nothing is demanded.
struct Limits {
  std::optional<double> maxLatencyMs;
  std::optional<double> maxMemoryBytes;   // peak resident set of a process that loads and runs the model
  std::optional<double> maxMemoryGrowth;  // relative, over the baseline's
  std::optional<double> maxModelBytes;
  std::optional<double> maxModelGrowth;
  std::optional<double> minCosine;  // of every floating output, with the baseline's
  std::optional<double> maxCostPerMillion;
  std::optional<double> maxKwhPerMillion;
};
// Where `over` says nothing, `base` holds.
Limits merged(const Limits& base, const Limits& over);

struct Prices {
  std::optional<double> perHour;  // of the machine, in `currency`
  std::string currency = "USD";
  std::optional<double> watts;  // the machine draws under this load
};

struct CheckConfig {
  std::string baseline;
  std::optional<double> maxRegression, budgetSeconds;
  Prices prices;
  struct LimitRule {
    std::string model = "*", device = "*";  // patterns with * and ?
    Limits limits;
  };
  std::vector<LimitRule> rules;

  // Of all rules that fit, the later over the earlier.
  Limits limitsFor(const std::string& model, const std::string& device) const;
};

// BadInput for what is no TOML, a key that is not known (a gate that is misspelled would never close), or a value that
// makes no sense.
Result<CheckConfig> readConfig(const std::filesystem::path& path);
Result<CheckConfig> parseConfig(const std::string& text, const std::string& name);

}  // namespace ridgeline::advisor
