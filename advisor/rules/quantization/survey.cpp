#include "advisor/rules/quantization/survey.h"

#include "base/units.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

namespace ridgeline::advisor::quantization {
namespace {

constexpr double kNegligibleShare = 0.001;  // of the latency

std::optional<ShapeTimes> timeGroup(ShapeTimes group, const std::vector<KernelForm>& forms, KernelTimes& kernels) {
  const auto times = kernels.compare(forms);
  if (!times.front()) return std::nullopt;
  group.nowMs = *times.front();
  for (size_t i = 1; i < times.size(); ++i) {
    group.formMs.push_back(times[i] ? *times[i] : std::numeric_limits<double>::infinity());
  }
  return group;
}

}  // namespace

double ShapeTimes::ratio(size_t form) const { return formMs[form] / nowMs; }

Result<std::vector<ShapeTimes>> survey(std::span<const Surveyed> operators, const Subject& subject) {
  std::vector<ShapeTimes> groups;
  std::map<std::string, size_t> byKey;  // of the form they have: it spells the whole shape
  for (size_t i = 0; i < operators.size(); ++i) {
    const auto [it, isNew] = byKey.try_emplace(operators[i].forms.front().key, groups.size());
    if (isNew) groups.push_back({operators[i].shape, {}, 0, 0, {}, operators[i].now});
    groups[it->second].members.push_back(i);
    groups[it->second].networkMs += operators[i].networkMs;
  }
  std::ranges::stable_sort(groups, std::greater(), &ShapeTimes::networkMs);
  std::vector<ShapeTimes> timed;
  for (auto& group : groups) {
    if (auto s = subject.job.stop.check(); !s) return passOn(s);
    if (group.networkMs < kNegligibleShare * subject.latencyMs) continue;
    const auto& forms = operators[group.members.front()].forms;
    if (auto t = timeGroup(std::move(group), forms, subject.kernels)) timed.push_back(std::move(*t));
  }
  return timed;
}

std::string evidenceFor(const ShapeTimes& times, size_t form, std::string_view op, std::string_view formName) {
  return fmt::format("{} {}: {} as {}, {} as {} ({} of them)", op, times.shape, formatMs(times.nowMs), times.now,
                     formatMs(times.formMs[form]), formName, times.members.size());
}

}  // namespace ridgeline::advisor::quantization
