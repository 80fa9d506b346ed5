// The chain of work and host time that made a run as long as it is, found backwards from its end.
//
// From a piece of work the path goes to what held it back: the work that ended last before it began, when it had been
// launched by then; else its launch, and from there along the host thread back to the last time that thread waited for
// the device, from where the path goes on with the work it waited for. A launching call also waits when the queue of
// the device is full: it then takes far longer than others, and returns when earlier work has ended.
#include "analyzers/timeline/parts.h"
#include "base/stats.h"
#include "base/units.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_set>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

constexpr size_t kLongestPath = 200000;
constexpr double kBlockedNs = 100e3, kBlockedTimes = 10;  // a launch that waits: at least, and times the median

class Path {
 public:
  Path(const Scene& scene, RankId rank, Span window) : m_scene(scene), m_window(window) {
    for (const auto& device : scene.devices) {
      if (device.rank != rank) continue;
      for (const auto i : scene.workOn(device.id)) {
        const auto& s = scene.slice(i);
        if (s.startNs >= window.beginNs && s.endNs() <= window.endNs && s.durationNs > 0) m_byEnd.push_back(i);
      }
    }
    std::stable_sort(m_byEnd.begin(), m_byEnd.end(),
                     [&](uint32_t a, uint32_t b) { return scene.slice(a).endNs() < scene.slice(b).endNs(); });
    findBlockedLaunches();
  }

  // Parts from last to first.
  std::vector<PathPart> find() {
    if (m_byEnd.empty()) return {};
    uint32_t at = m_byEnd.back();
    while (at != kNoSlice && m_parts.size() < kLongestPath) at = before(at);
    return std::move(m_parts);
  }

 private:
  uint32_t launchOf(uint32_t work) const {
    const uint32_t row = m_scene.slice(work).work;
    return row == kNoSlice ? kNoSlice : m_scene.timeline.works[row].launch;
  }
  void findBlockedLaunches() {
    std::vector<double> lengths;
    for (const auto i : m_byEnd) {
      const uint32_t call = launchOf(i);
      if (call != kNoSlice) lengths.push_back(static_cast<double>(m_scene.slice(call).durationNs));
    }
    if (lengths.empty()) return;
    const double least = std::max(kBlockedNs, kBlockedTimes * median(lengths));
    for (const auto i : m_byEnd) {
      const uint32_t call = launchOf(i);
      if (call == kNoSlice || static_cast<double>(m_scene.slice(call).durationNs) < least) continue;
      if (m_scene.slice(call).endNs() <= m_scene.slice(i).startNs) m_blocked.insert(call);
    }
  }
  bool waits(uint32_t call) const {
    const auto& s = m_scene.slice(call);
    return s.kind == SliceKind::Sync ||
           (s.kind == SliceKind::Call && (m_blocked.count(call) != 0 || isWait(m_scene.labelOf(call))));
  }
  uint32_t lastEnding(int64_t byNs) const {
    const auto it = std::upper_bound(m_byEnd.begin(), m_byEnd.end(), byNs,
                                     [&](int64_t t, uint32_t i) { return t < m_scene.slice(i).endNs(); });
    return it == m_byEnd.begin() ? kNoSlice : *std::prev(it);
  }
  void add(const char* what, uint32_t slice, int64_t begin, int64_t end) {
    if (end <= begin) return;
    PathPart part{.what = what, .slice = m_scene.timeline.idOf(slice), .startNs = begin, .durationNs = end - begin};
    m_parts.push_back(std::move(part));
  }
  // Adds the work and what led to it; the next work of the path, or none at the window's begin.
  uint32_t before(uint32_t at) {
    const auto& s = m_scene.slice(at);
    add(s.kind == SliceKind::Kernel || s.kind == SliceKind::Other ? "kernel" : "copy", at, s.startNs, s.endNs());
    const uint32_t previous = lastEnding(s.startNs);
    const int64_t previousEnd = previous == kNoSlice ? m_window.beginNs : m_scene.slice(previous).endNs();
    const uint32_t launch = launchOf(at);
    const int64_t launched = launch == kNoSlice ? previousEnd : m_scene.slice(launch).startNs;
    if (launch == kNoSlice || launched <= previousEnd) {
      add("wait", kNoSlice, previousEnd, s.startNs);
      return previous;
    }
    add("launch", launch, launched, s.startNs);
    return alongHost(launch, std::max(launched, m_window.beginNs));
  }
  uint32_t alongHost(uint32_t launch, int64_t untilNs) {
    const auto& thread = m_scene.tracks[m_scene.slice(launch).track].slices;
    auto it = std::lower_bound(thread.begin(), thread.end(), untilNs,
                               [&](uint32_t i, int64_t t) { return m_scene.slice(i).startNs < t; });
    while (it != thread.begin()) {
      const auto& s = m_scene.slice(*--it);
      if (s.startNs < m_window.beginNs) break;
      if (!waits(*it) || s.endNs() > untilNs) continue;
      const uint32_t awaited = lastEnding(s.endNs());
      // A wait that had nothing to wait for did not hold the host back.
      if (awaited == kNoSlice || m_scene.slice(awaited).endNs() <= s.startNs) continue;
      host(launch, s.endNs(), untilNs);
      add("call", *it, m_scene.slice(awaited).endNs(), s.endNs());
      return awaited;
    }
    host(launch, m_window.beginNs, untilNs);
    return kNoSlice;
  }
  // What the host did until the launch that ends the stretch.
  void host(uint32_t launch, int64_t begin, int64_t end) { add("host", launch, begin, end); }

  const Scene& m_scene;
  Span m_window;
  std::vector<uint32_t> m_byEnd;
  std::unordered_set<uint32_t> m_blocked;  // launches that waited for room in the device's queue
  std::vector<PathPart> m_parts;
};

// The run of median length of a rank, or the whole recording.
struct Window {
  RunId run;
  std::string name;
  Span span;
};

std::optional<Window> windowOf(const Scene& scene, RankId rank) {
  std::vector<const Run*> runs;
  for (const auto& run : scene.runs) {
    if (run.rank == rank && run.durationNs > 0) runs.push_back(&run);
  }
  if (!runs.empty()) {
    std::sort(runs.begin(), runs.end(), [](const Run* a, const Run* b) { return a->durationNs < b->durationNs; });
    const auto& run = *runs[runs.size() / 2];
    Window window{run.id, run.name, {run.startNs, run.startNs + run.durationNs}};
    // Work that the run launched may end after its mark.
    for (const auto& work : scene.timeline.works) {
      const auto& s = scene.slice(work.slice);
      if (s.run == static_cast<uint32_t>(run.id.value)) window.span.endNs = std::max(window.span.endNs, s.endNs());
    }
    return window;
  }
  Window window{{}, "the recording", {std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()}};
  for (const auto& track : scene.tracks) {
    if (track.row.rank != rank || track.slices.empty()) continue;
    window.span.beginNs = std::min(window.span.beginNs, scene.slice(track.slices.front()).startNs);
    for (const auto i : track.slices) window.span.endNs = std::max(window.span.endNs, scene.slice(i).endNs());
  }
  if (window.span.endNs <= window.span.beginNs) return std::nullopt;
  return window;
}

void judge(const Window& window, const std::vector<PathPart>& parts, Findings& findings) {
  std::map<std::string, int64_t> byWhat;
  int64_t total = 0;
  for (const auto& part : parts) byWhat[part.what] += part.durationNs, total += part.durationNs;
  if (total == 0) return;
  const int64_t host = byWhat["host"] + byWhat["launch"] + byWhat["call"];
  const int64_t device = byWhat["kernel"] + byWhat["copy"];
  std::vector<std::string> evidence;
  for (const auto& [what, ns] : byWhat) {
    if (ns > 0)
      evidence.push_back(fmt::format("{}: {}, {}", what, formatMs(static_cast<double>(ns) * 1e-6),
                                     formatPercent(static_cast<double>(ns) / static_cast<double>(total))));
  }
  const char* advice = host > device                ? "launching less would shorten it, faster kernels would not"
                       : byWhat["copy"] > total / 4 ? "fewer or overlapped copies would shorten it"
                                                    : "faster kernels would shorten it";
  findings.push_back(timelineFinding(
      Severity::Info,
      fmt::format("critical path of {}: {} of {} on the host; {}", window.name,
                  formatMs(static_cast<double>(host) * 1e-6), formatMs(static_cast<double>(total) * 1e-6), advice),
      "", std::move(evidence), static_cast<double>(host) / static_cast<double>(total)));
}

}  // namespace

Status writeCriticalPath(Profile& profile, const Scene& scene, Findings& findings) {
  auto ranks = scene.ranks;
  if (ranks.empty()) ranks.emplace_back();
  for (const auto& rank : ranks) {
    if (!rank.timed) continue;
    const auto window = windowOf(scene, rank.id);
    if (!window) continue;
    auto parts = Path(scene, rank.id, window->span).find();
    std::reverse(parts.begin(), parts.end());
    int64_t ordinal = 0;
    for (auto& part : parts) part.run = window->run, part.rank = rank.id, part.ordinal = ordinal++;
    judge(*window, parts, findings);
    if (auto s = profile.addAll(parts); !s) return s;
  }
  return {};
}

}  // namespace ridgeline::analyzers
