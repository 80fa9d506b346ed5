// How devices spent their time, and why they waited.
#include "analyzers/timeline/parts.h"
#include "base/units.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

constexpr size_t kGapsKept = 200;  // of each device, the longest
constexpr double kIdleNotice = 0.1, kIdleWarning = 0.4;
constexpr double kExposedNotice = 0.05;

using WaitsByTrack = std::unordered_map<uint32_t, std::vector<Span>>;  // waiting calls of a thread, by begin

WaitsByTrack waitsOf(const Scene& scene) {
  std::vector<int8_t> waits(scene.labels.size(), -1);  // by label
  WaitsByTrack out;
  for (uint32_t t = 0; t < scene.tracks.size(); ++t) {
    if (scene.tracks[t].row.kind != TrackKind::Thread) continue;
    for (const auto i : scene.tracks[t].slices) {
      const auto& s = scene.slice(i);
      if (s.kind != SliceKind::Call && s.kind != SliceKind::Sync) continue;
      if (s.label >= waits.size()) continue;
      auto& known = waits[s.label];
      if (known < 0) known = isWait(scene.labels[s.label]) ? 1 : 0;
      if (known == 1 || s.kind == SliceKind::Sync) out[t].push_back({s.startNs, s.endNs()});
    }
  }
  return out;
}

struct Activity {
  std::vector<Span> all, compute, communication, copy;
  int64_t kernels = 0;
};

Activity activityOf(const Scene& scene, const std::vector<uint32_t>& work) {
  std::vector<Span> all, compute, communication, copy;
  std::unordered_map<uint32_t, bool> communicates;
  Activity out;
  for (const auto i : work) {
    const auto& s = scene.slice(i);
    const Span span{s.startNs, s.endNs()};
    all.push_back(span);
    if (s.kind == SliceKind::Copy || s.kind == SliceKind::Set) {
      copy.push_back(span);
    } else {
      auto it = communicates.find(s.label);
      if (it == communicates.end()) it = communicates.emplace(s.label, isCommunication(scene.labelOf(i))).first;
      (it->second ? communication : compute).push_back(span);
    }
    out.kernels += s.kind == SliceKind::Kernel ? 1 : 0;
  }
  out.all = unite(all), out.compute = unite(compute);
  out.communication = unite(communication), out.copy = unite(copy);
  return out;
}

// Work launched and not begun, over the time from the first work's launch to the last work's begin.
void queue(const Scene& scene, const std::vector<uint32_t>& work, DeviceUse& use) {
  std::vector<int64_t> launched, begun;
  std::vector<double> delays;
  for (const auto i : work) {
    const auto& s = scene.slice(i);
    if (s.work == kNoSlice) continue;
    const uint32_t launch = scene.timeline.works[s.work].launch;
    if (launch == kNoSlice) continue;
    const int64_t at = scene.slice(launch).startNs;
    if (at > s.startNs) continue;  // clocks disagree
    launched.push_back(at);
    begun.push_back(s.startNs);
    delays.push_back(static_cast<double>(s.startNs - at));
  }
  if (launched.empty()) return;
  if (!std::is_sorted(launched.begin(), launched.end())) std::sort(launched.begin(), launched.end());
  int64_t length = 0, longest = 0, at = launched.front();
  double area = 0;
  for (size_t i = 0, j = 0; j < begun.size();) {
    const bool launch = i < launched.size() && launched[i] <= begun[j];
    const int64_t now = launch ? launched[i] : begun[j];
    area += static_cast<double>(length) * static_cast<double>(now - at);
    at = now;
    length += launch ? 1 : -1;
    launch ? ++i : ++j;
    longest = std::max(longest, length);
  }
  const auto span = static_cast<double>(at - launched.front());
  if (span > 0) use.queueMean = area / span;
  use.queueMax = longest;
  const auto middle = delays.begin() + static_cast<std::ptrdiff_t>(delays.size() / 2);
  std::nth_element(delays.begin(), middle, delays.end());
  use.launchDelayNs = *middle;
}

struct Wait {
  Gap gap;
  uint32_t launch = kNoSlice;
  int64_t launchNs = 0;
  uint32_t before = kNoSlice, after = kNoSlice;
};

// The thread had waited for the device at the time it went idle, or afterwards.
bool waitedInto(const WaitsByTrack& waits, uint32_t thread, int64_t idleFrom, int64_t launchNs) {
  const auto it = waits.find(thread);
  if (it == waits.end()) return false;
  const auto& list = it->second;
  auto at =
      std::upper_bound(list.begin(), list.end(), launchNs, [](int64_t t, const Span& s) { return t < s.beginNs; });
  if (at == list.begin()) return false;
  --at;
  return at->endNs >= idleFrom && at->endNs <= launchNs;
}

Wait judge(const Scene& scene, const WaitsByTrack& waits, uint32_t before, uint32_t after, Span idle) {
  Wait wait;
  wait.before = before, wait.after = after;
  wait.gap.startNs = idle.beginNs, wait.gap.durationNs = idle.endNs - idle.beginNs;
  const uint32_t work = scene.slice(after).work;
  wait.launch = work == kNoSlice ? kNoSlice : scene.timeline.works[work].launch;
  if (wait.launch == kNoSlice) return wait;  // unknown
  wait.launchNs = scene.slice(wait.launch).startNs;
  if (wait.launchNs <= idle.beginNs) {
    wait.gap.reason = IdleReason::Queued;
  } else {
    const bool waited = waitedInto(waits, scene.slice(wait.launch).track, idle.beginNs, wait.launchNs);
    wait.gap.reason = waited ? IdleReason::Sync : IdleReason::Host;
  }
  return wait;
}

// What the launching thread was in for the longest part of the gap: the outermost slices of the stretch, by overlap.
std::string hostDuring(const Scene& scene, const Wait& wait) {
  if (wait.launch == kNoSlice) return "";
  const auto& slices = scene.tracks[scene.slice(wait.launch).track].slices;
  const int64_t begin = wait.gap.startNs, end = std::min(begin + wait.gap.durationNs, wait.launchNs);
  if (end <= begin) return std::string(scene.labelOf(wait.launch));
  auto it = std::upper_bound(slices.begin(), slices.end(), end,
                             [&](int64_t t, uint32_t i) { return t < scene.slice(i).startNs; });
  // The tightest slice that covers at least half of the stretch.
  uint32_t best = kNoSlice;
  for (int looked = 0; it != slices.begin() && looked < 2000; ++looked) {
    const auto& s = scene.slice(*--it);
    const int64_t covered = std::min(end, s.endNs()) - std::max(begin, s.startNs);
    if (covered * 2 < end - begin) continue;
    if (best == kNoSlice || s.durationNs < scene.slice(best).durationNs) best = *it;
  }
  return best == kNoSlice ? "" : std::string(scene.labelOf(best));
}

std::vector<Wait> waitsBetween(const Scene& scene, const WaitsByTrack& waits, const std::vector<uint32_t>& work) {
  std::vector<Wait> out;
  int64_t end = 0;
  uint32_t last = kNoSlice;
  for (const auto i : work) {
    const auto& s = scene.slice(i);
    if (last != kNoSlice && s.startNs > end) out.push_back(judge(scene, waits, last, i, {end, s.startNs}));
    if (last == kNoSlice || s.endNs() >= end) end = s.endNs(), last = i;
  }
  return out;
}

Status writeIdle(Profile& profile, const Scene& scene, DeviceId device, std::vector<Wait> waits,
                 std::array<IdleCause, 4>& causes) {
  for (size_t i = 0; i < causes.size(); ++i) causes[i] = {{}, device, static_cast<IdleReason>(i)};
  for (const auto& w : waits) {
    auto& cause = causes[static_cast<size_t>(w.gap.reason)];
    ++cause.count;
    cause.totalNs += w.gap.durationNs;
    cause.longestNs = std::max(cause.longestNs, w.gap.durationNs);
  }
  for (const auto& cause : causes) {
    if (cause.count == 0) continue;
    if (auto id = profile.add(cause); !id) return passOn(id);
  }
  const auto longer = [](const Wait& a, const Wait& b) { return a.gap.durationNs > b.gap.durationNs; };
  const auto kept = std::min(kGapsKept, waits.size());
  std::partial_sort(waits.begin(), waits.begin() + static_cast<std::ptrdiff_t>(kept), waits.end(), longer);
  waits.resize(kept);
  std::vector<Gap> gaps;
  for (auto& w : waits) {
    w.gap.device = device;
    w.gap.before = scene.timeline.idOf(w.before), w.gap.after = scene.timeline.idOf(w.after);
    w.gap.during = hostDuring(scene, w);
    gaps.push_back(w.gap);
  }
  return profile.addAll(gaps);
}

std::string ms(int64_t ns) { return formatMs(static_cast<double>(ns) * 1e-6); }
double shareOf(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

void judgeUse(const std::string& name, const DeviceUse& use, const std::array<IdleCause, 4>& causes,
              Findings& findings) {
  const int64_t idle = use.durationNs - use.busyNs;
  const double share = shareOf(idle, use.durationNs);
  if (share >= kIdleNotice) {
    constexpr std::array kWhy{"the host launched the next work too late", "the host had waited for the device first",
                              "work was launched in time and waited for other work or for its start",
                              "not known: launches were not recorded"};
    std::vector<std::string> evidence;
    for (size_t i = 0; i < causes.size(); ++i) {
      if (causes[i].count == 0) continue;
      evidence.push_back(fmt::format("{} in {} gaps, longest {}: {}", ms(causes[i].totalNs), causes[i].count,
                                     ms(causes[i].longestNs), kWhy[i]));
    }
    findings.push_back(timelineFinding(
        share >= kIdleWarning ? Severity::Warning : Severity::Notice,
        fmt::format("{} was idle for {} of {}, {}", name, ms(idle), ms(use.durationNs), formatPercent(share)), "",
        std::move(evidence), share));
  }
  const int64_t late = causes[0].totalNs + causes[1].totalNs;
  if (shareOf(late, use.durationNs) >= kIdleNotice && use.queueMean) {
    findings.push_back(timelineFinding(Severity::Notice,
                                       fmt::format("host-bound: {} waited {} for launches; on average {} were queued",
                                                   name, ms(late), formatSignificant(*use.queueMean, 2)),
                                       "", {"CUDA graphs, larger batches or fewer, fused kernels would keep it fed"},
                                       shareOf(late, use.durationNs)));
  }
  const auto exposed = [&](const char* what, int64_t total, int64_t hidden) {
    const double part = shareOf(total - hidden, use.durationNs);
    if (part < kExposedNotice) return;
    findings.push_back(timelineFinding(Severity::Notice,
                                       fmt::format("{}: {} of {} of {} did not run beside computing, {} of the time",
                                                   name, ms(total - hidden), ms(total), what, formatPercent(part)),
                                       "", {}, part));
  };
  exposed("communication", use.communicationNs, use.communicationOverlapNs);
  exposed("copies", use.copyNs, use.copyOverlapNs);
}

}  // namespace

Status writeDeviceTime(Profile& profile, const Scene& scene, Findings& findings) {
  const auto waits = waitsOf(scene);
  for (const auto& device : scene.devices) {
    const auto work = scene.workOn(device.id);
    if (work.empty() || !scene.timed(device.rank)) continue;
    const auto activity = activityOf(scene, work);
    if (activity.all.empty()) continue;
    DeviceUse use{.device = device.id, .startNs = activity.all.front().beginNs};
    use.durationNs = activity.all.back().endNs - use.startNs;
    use.busyNs = lengthOf(activity.all), use.computeNs = lengthOf(activity.compute);
    use.communicationNs = lengthOf(activity.communication), use.copyNs = lengthOf(activity.copy);
    use.communicationOverlapNs = overlapOf(activity.communication, activity.compute);
    use.copyOverlapNs = overlapOf(activity.copy, activity.compute);
    use.kernels = activity.kernels;
    queue(scene, work, use);
    if (auto id = profile.add(use); !id) return passOn(id);
    std::array<IdleCause, 4> causes;
    if (auto s = writeIdle(profile, scene, device.id, waitsBetween(scene, waits, work), causes); !s) return s;
    judgeUse(nameOfDevice(scene, device.id), use, causes, findings);
  }
  return {};
}

}  // namespace ridgeline::analyzers
