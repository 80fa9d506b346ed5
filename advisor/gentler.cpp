#include "advisor/gentler.h"

#include "advisor/sensitivity.h"
#include "base/clock.h"

#include <limits>

namespace ridgeline::advisor {

Result<std::optional<Opportunity>> gentler(const graph::Model& incumbent, const Opportunity& whole,
                                           const Subject& subject, Workbench& bench, double maxSeconds) {
  const Stopwatch watch;
  const Rule* rule = findRule(whole.rule);
  Opportunity best = whole;
  double least = std::numeric_limits<double>::infinity();
  const auto others = rule ? rule->gentler(whole) : std::vector<Opportunity>();
  for (const auto& other : others) {
    if (watch.seconds() > maxSeconds / 3) break;
    auto outputs = outputsWith(incumbent, other, subject, bench);
    if (!outputs) return passOn(outputs);
    if (!*outputs || errorOf(**outputs) >= least) continue;
    least = errorOf(**outputs);
    best = other;
    if (!unacceptable(**outputs, bench.constraints(), true)) return std::optional(std::move(best));
  }
  if (whole.places.size() < 2) return std::nullopt;
  return withoutSensitivePlaces(incumbent, best, subject, bench, maxSeconds - watch.seconds());
}

}  // namespace ridgeline::advisor
