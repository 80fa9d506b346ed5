// Rules about copies and communication.
#include "analyzers/timeline/advice/rules.h"
#include "base/stats.h"
#include "base/units.h"

#include <algorithm>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

constexpr double kLargeCopy = 1e6;   // bytes on average: below, a rate says little
constexpr double kSameBytes = 0.01;  // of the median
constexpr double kMostlySame = 0.8;  // of the steps
constexpr int64_t kFewestSteps = 3;
constexpr double kMuchOfAStep = 0.25;  // less may be no more than the step's inputs

bool crossesHost(CopyDirection d) { return d == CopyDirection::HostToDevice || d == CopyDirection::DeviceToHost; }

const char* wordOf(CopyDirection d) { return d == CopyDirection::HostToDevice ? "host to device" : "device to host"; }

double exposedCopies(const TraceFacts& f) { return static_cast<double>(f.use.copyNs - f.use.copyOverlapNs); }

// Of copies between host and device, what nothing hides; copies are taken to be hidden alike.
double exposedOf(const TraceFacts& f, double ns) {
  return f.use.copyNs > 0
             ? std::min(ns, static_cast<double>(f.use.copyNs)) * exposedCopies(f) / static_cast<double>(f.use.copyNs)
             : 0;
}

}  // namespace

ProgramChanges pinMemory(const TraceFacts& f) {
  ProgramChanges out;
  for (const auto& sum : f.copies) {
    if (!crossesHost(sum.direction) || sum.pinned != false || sum.bytes <= 0 || sum.ns <= 0) continue;
    if (sum.bytes / static_cast<double>(sum.count) < kLargeCopy / 16) continue;
    const double rate = sum.bytes / sum.ns;  // GB/s
    double pinnedRate = 2 * rate;
    std::string from = "assumes that page-locked memory is copied twice as fast";
    for (const auto& other : f.copies) {
      if (other.direction != sum.direction || other.pinned != true || other.ns <= 0) continue;
      if (other.bytes / static_cast<double>(other.count) < kLargeCopy) continue;
      pinnedRate = other.bytes / other.ns;
      from = fmt::format("assumes the {} of this recording's copies from page-locked memory",
                         formatRate(pinnedRate * 1e9, "B"));
    }
    if (pinnedRate <= rate) continue;
    ProgramChange change{.rule = "pin-host-memory", .variant = wordOf(sum.direction), .target = f.device};
    change.gainNs = exposedOf(f, sum.ns * (1 - rate / pinnedRate));
    change.evidence.push_back(fmt::format("{} copies of pageable memory, {} at {}: {}", sum.count,
                                          formatBytes(sum.bytes), formatRate(rate * 1e9, "B"), stepText(f, sum.ns)));
    change.assumption = from + "; pinned copies also run beside kernels";
    out.push_back(change);
  }
  return out;
}

ProgramChanges keepOnDevice(const TraceFacts& f) {
  if (static_cast<int64_t>(f.uploadedPerStep.size()) < kFewestSteps) return {};
  const double middle = median(f.uploadedPerStep);
  if (middle < kLargeCopy) return {};
  const auto same = std::count_if(f.uploadedPerStep.begin(), f.uploadedPerStep.end(),
                                  [&](double bytes) { return std::abs(bytes - middle) <= kSameBytes * middle; });
  if (static_cast<double>(same) < kMostlySame * static_cast<double>(f.steps)) return {};
  double ns = 0;
  for (const auto& sum : f.copies) {
    if (sum.direction == CopyDirection::HostToDevice) ns += sum.ns;
  }
  if (exposedOf(f, ns) < kMuchOfAStep * static_cast<double>(f.use.durationNs)) return {};
  ProgramChange change{.rule = "keep-on-device", .target = f.device, .gainNs = exposedOf(f, ns)};
  change.evidence.push_back(fmt::format("{} of {} steps copy the same amount from host to device, {} each", same,
                                        f.steps, formatBytes(middle)));
  change.evidence.push_back(fmt::format("these copies take {}", stepText(f, ns)));
  change.assumption = "assumes that they are the same weights each time, and that the device has room for them";
  return {change};
}

ProgramChanges overlap(const TraceFacts& f) {
  ProgramChanges out;
  const auto add = [&](const char* variant, double exposed, double hidden, double total, const char* how) {
    const double room = static_cast<double>(f.use.computeNs) - hidden;
    const double gain = std::min(exposed, room) / 2;
    if (gain <= 0) return;
    ProgramChange change{.rule = "overlap", .variant = variant, .target = f.device, .gainNs = gain};
    change.evidence.push_back(fmt::format("{} of {} do not run beside computing, {}", timeText(exposed),
                                          timeText(total), stepText(f, exposed)));
    change.evidence.push_back(fmt::format("computing leaves {} to hide them in", timeText(room)));
    change.assumption = fmt::format("assumes that half of what fits can be hidden: {}", how);
    out.push_back(change);
  };
  double across = 0;
  for (const auto& sum : f.copies) {
    if (crossesHost(sum.direction) || sum.direction == CopyDirection::PeerToPeer) across += sum.ns;
  }
  across = std::min(across, static_cast<double>(f.use.copyNs));
  const double exposed = exposedOf(f, across);
  add("copies", exposed, across - exposed, across, "pinned memory, copies on a stream of their own, a step ahead");
  const auto communication = static_cast<double>(f.use.communicationNs);
  const auto hidden = static_cast<double>(f.use.communicationOverlapNs);
  add("communication", communication - hidden, hidden, communication,
      "a stream of its own, in pieces as they become ready");
  return out;
}

}  // namespace ridgeline::analyzers
