#include "advisor/device_advice.h"

#include "advisor/rule.h"

namespace ridgeline::advisor {

int heedAdvice(std::span<const DeviceAdvice> advice, Opportunity& opportunity) {
  const DeviceAdvice* best = nullptr;
  for (const auto& a : advice) {
    if (a.rule != opportunity.rule) continue;
    if (!a.variant.empty() && a.variant != opportunity.variant) continue;
    if (!best || (best->variant.empty() && !a.variant.empty())) best = &a;
  }
  if (!best) return 0;
  opportunity.evidence.push_back(
      fmt::format("plugin {} says that it {}: {}", best->from, best->pays ? "pays" : "does not pay", best->why));
  return best->pays ? 1 : -1;
}

}  // namespace ridgeline::advisor
