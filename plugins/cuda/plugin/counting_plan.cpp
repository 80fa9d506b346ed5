#include "plugins/cuda/plugin/counting_plan.h"

#include "plugins/cuda/counters/host_metrics.h"

#include <fmt/format.h>

#include <algorithm>

namespace ridgeline::cuda {
namespace {

std::unique_ptr<HostMetrics> hostOf(const std::string& cupti, int device, std::string& chip, std::string& why) {
  const auto* profiler = CuptiProfiler::get(cupti, why);
  if (!profiler) return nullptr;
  chip = profiler->chipOf(static_cast<size_t>(device), why);
  if (chip.empty()) return nullptr;
  return HostMetrics::open(*profiler, chip, {}, why);
}

}  // namespace

std::vector<std::string> toBeCounted(const std::vector<std::string>& requested) {
  std::vector<std::string> names;
  for (const auto& name : requested) {
    const auto recorded = [&](const RecordedSeries& s) { return name == s.name; };
    if (std::none_of(std::begin(kRecordedSeries), std::end(kRecordedSeries), recorded)) names.push_back(name);
  }
  return names;
}

std::optional<std::string> unknownCounter(const std::vector<std::string>& names) {
  const auto& catalog = metricCatalog();
  for (const auto& name : names) {
    const bool own = name.find("__") != std::string::npos && name.find('.') != std::string::npos;
    if (!own && !catalog.set(name) && !catalog.metric(name)) return name;
  }
  return std::nullopt;
}

std::string CountingPlan::text() const {
  std::string names;
  for (const auto& metric : resolved.metrics) names += (names.empty() ? "" : ", ") + metric.name;
  auto line = fmt::format("counting {} on {}: the command runs a second time, and every kernel in it {}", names, chip,
                          passes == 1 ? "once, alone" : fmt::format("{} times", passes));
  if (!resolved.missing.empty()) line += fmt::format("; the chip cannot count {}", fmt::join(resolved.missing, ", "));
  return line;
}

std::optional<CountingPlan> planCounting(const std::string& cupti, int device, const std::vector<std::string>& names,
                                         std::string& why) {
  CountingPlan plan;
  const auto host = hostOf(cupti, device, plan.chip, why);
  if (!host || !resolveCounters(metricCatalog(), names, host->baseCounters(), plan.resolved, why) ||
      !host->configure(plan.resolved.counters, why)) {
    return std::nullopt;
  }
  plan.passes = host->passes();
  return plan;
}

std::set<std::string> countersOfDevice(const std::string& cupti, int device, std::string& why) {
  std::string chip;
  const auto host = hostOf(cupti, device, chip, why);
  return host ? host->baseCounters() : std::set<std::string>();
}

}  // namespace ridgeline::cuda
