#include "advisor/limits.h"

#include "base/units.h"

#include <algorithm>
#include <set>

namespace ridgeline::advisor {
namespace {

constexpr size_t kMostObstacles = 5;

std::string named(const Opportunity& o) { return o.variant.empty() ? o.rule : o.rule + " " + o.variant; }

}  // namespace

std::vector<Shortfall> shortfalls(const Standing& standing, const Constraints& c) {
  std::vector<Shortfall> found;
  const auto check = [&](std::string_view what, const std::optional<double>& limit, const std::optional<double>& value,
                         auto format, std::optional<Goal> cure) {
    if (!limit || (value && *value <= *limit)) return;
    Shortfall s;
    s.text = value ? fmt::format("{} {} is above {}", what, format(*value), format(*limit))
                   : fmt::format("{} could not be measured", what);
    s.excess = value && *limit > 0 ? *value / *limit - 1 : 1;
    s.cure = cure;
    if (cure) s.wanted = limit;
    found.push_back(std::move(s));
  };
  check("latency", c.maxLatencyMs, standing.latencyMs, formatMs, std::nullopt);
  check("peak memory", c.maxMemoryBytes, standing.memoryBytes, formatBytes, Goal::Memory);
  check("memory of tensors", c.maxTensorBytes, standing.tensorBytes, formatBytes, std::nullopt);
  check("model size", c.maxModelBytes, standing.modelBytes, formatBytes, Goal::Size);
  if (c.minMetric && !c.metricCommand.empty() && (!standing.metric || *standing.metric < *c.minMetric)) {
    Shortfall s;
    s.text = standing.metric ? fmt::format("metric {:.4g} is below {:.4g}", *standing.metric, *c.minMetric)
                             : "the metric could not be measured";
    s.excess = standing.metric && *c.minMetric > 0 ? 1 - *standing.metric / *c.minMetric : 1;
    found.push_back(std::move(s));
  }
  return found;
}

double totalExcess(const std::vector<Shortfall>& shortfalls) {
  double sum = 0;
  for (const auto& s : shortfalls) sum += s.excess;
  return sum;
}

std::vector<std::string> obstacles(const std::vector<Trial>& trials, const Constraints& c, bool outOfBudget) {
  std::vector<std::string> lines;
  std::set<std::string> told;
  for (const auto& t : trials) {
    const bool inaccurate = t.lossy && t.verification && !t.judgement;
    const bool smaller = t.bytes.before && t.bytes.after && *t.bytes.after < *t.bytes.before;
    if (t.accepted || !(inaccurate || smaller) || lines.size() >= kMostObstacles) continue;
    auto line = fmt::format("{} was turned down: {}", named(t.opportunity), t.reason);
    if (told.insert(line).second) lines.push_back(std::move(line));
  }
  if (c.exactOnly) lines.emplace_back("rewrites that change precision are forbidden (--exact)");
  if (outOfBudget) lines.emplace_back("the budget ended before everything was tried (--budget)");
  return lines;
}

}  // namespace ridgeline::advisor
