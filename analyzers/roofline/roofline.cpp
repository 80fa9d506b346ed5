#include "analyzers/roofline/roofline.h"

#include "analyzers/roofline/classify.h"
#include "base/units.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

// Above this, being faster than the roof is no measuring noise.
constexpr double kBeatsRoof = 1.2;
constexpr double kBeatsLanes = 1.05;
constexpr double kWorthNaming = 0.01;  // of the time of all operators

int threadsOf(const Profile& profile) {
  const auto text = profile.metaValue(meta::threads).value_or("");
  int threads = 0;
  std::from_chars(text.data(), text.data() + text.size(), threads);
  return std::max(1, threads);
}

// The device of operators that name none: the one the profile says ran the model, else the first.
DeviceId defaultDevice(const Profile& profile, const std::vector<Device>& devices) {
  const auto name = profile.metaValue(meta::device);
  for (const auto& device : devices) {
    if (device.name == name) return device.id;
  }
  return devices.empty() ? DeviceId{} : devices.front().id;
}

std::vector<Finding> missingRoofs(const std::vector<Operator>& operators, const std::vector<Classification>& rows) {
  std::set<std::string> types;
  double timeNs = 0, totalNs = 0;
  for (size_t i = 0; i < operators.size(); ++i) {
    if (operators[i].depth > 0) continue;
    totalNs += operators[i].timeNs;
    if (!operators[i].work || rows[i].roofTimeNs) continue;
    types.insert(operators[i].work->computeType);
    timeNs += operators[i].timeNs;
  }
  if (!(timeNs > kWorthNaming * totalNs)) return {};
  std::vector<std::string> names(types.begin(), types.end());
  return {{{},
           "roofline",
           Severity::Info,
           fmt::format("{} of operators have no roof to be held against ({})", formatMs(timeNs * 1e-6),
                       fmt::join(names, ", ")),
           "",
           {"their data type or memory level has no measured roof; their headroom is unknown"},
           timeNs * 1e-6}};
}

std::vector<Finding> fasterThanRoof(const std::vector<Operator>& operators, const std::vector<Classification>& rows) {
  int count = 0;
  size_t most = 0;
  double best = kBeatsRoof;
  for (size_t i = 0; i < operators.size(); ++i) {
    if (!rows[i].roofTimeNs || operators[i].timeNs <= 0) continue;
    const double factor = *rows[i].roofTimeNs / operators[i].timeNs;
    if (factor < kBeatsRoof) continue;
    ++count;
    if (factor > best) best = factor, most = i;
  }
  if (count == 0) return {};
  const auto& op = operators[most];
  return {
      {{},
       "roofline",
       Severity::Info,
       fmt::format("{} operator{} faster than {} roof, most of all {} ({} for a roof of {})", count,
                   count == 1 ? " is" : "s are", count == 1 ? "its" : "their", op.name, formatMs(op.timeNs * 1e-6),
                   formatMs(*rows[most].roofTimeNs * 1e-6)),
       op.name,
       {"an algorithm that does less arithmetic than the definition (Winograd), data that stayed in a cache, or a roof "
        "measured while the machine was busy"},
       static_cast<double>(count)}};
}

// A GPU's roofs, as recordings give them, are those of its ordinary lanes. What is faster ran on tensor cores, by which
// roof nobody knows.
void dropBeatenRoof(const Operator& op, Classification& c) {
  if (!c.roofTimeNs || *c.roofTimeNs <= kBeatsLanes * op.timeNs) return;
  c.bound = Bound::Unknown;
  c.level.clear();
  c.roofTimeNs.reset(), c.headroomNs.reset();
}

}  // namespace

Status analyzeRoofline(Profile& profile) {
  auto operators = profile.all<Operator>();
  if (!operators) return passOn(operators);
  auto roofs = profile.all<Roof>();
  if (!roofs) return passOn(roofs);
  auto devices = profile.all<Device>();
  if (!devices) return passOn(devices);
  if (devices->empty()) devices->push_back({});

  const int threads = threadsOf(profile);
  const auto fallback = defaultDevice(profile, *devices);
  std::vector<Classification> rows(operators->size());
  for (const auto& device : *devices) {
    const auto ceilings = ceilingsOf(*roofs, device, threads);
    const auto runsHere = [&](const Operator& op) { return (op.device ? op.device : fallback) == device.id; };
    std::vector<Operator> own;
    std::copy_if(operators->begin(), operators->end(), std::back_inserter(own), runsHere);
    const auto context = contextOf(own, ceilings);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!runsHere((*operators)[i])) continue;
      rows[i] = classify((*operators)[i], ceilings, context);
      if (device.kind == "gpu") dropBeatenRoof((*operators)[i], rows[i]);
    }
  }
  if (auto s = profile.clear<Classification>(); !s) return s;
  if (auto s = profile.clearFindings("roofline"); !s) return s;
  if (auto s = profile.addAll(rows); !s) return s;
  if (auto s = profile.addAll(missingRoofs(*operators, rows)); !s) return s;
  return profile.addAll(fasterThanRoof(*operators, rows));
}

}  // namespace ridgeline::analyzers
