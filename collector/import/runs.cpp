#include "collector/import/runs.h"

#include "analyzers/timeline/periods.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <unordered_map>

namespace ridgeline::collector::import {
namespace {

using profile::SliceKind;
using profile::TrackKind;

constexpr size_t kMostKernels = 400000;  // looked at for a period; more of the same tell nothing new
constexpr double kCover = 0.5;           // of the time between the first and the last: ranges that are steps

struct Series {
  std::vector<uint32_t> events;
  double coveredNs = 0;
};

// "ProfilerStep#7" -> "ProfilerStep"; "step 3 of 9" stays.
std::string_view withoutNumber(std::string_view name) {
  while (!name.empty() && std::isdigit(static_cast<unsigned char>(name.back())) != 0) name.remove_suffix(1);
  while (!name.empty() && std::string_view(" #_=:-").find(name.back()) != std::string_view::npos) name.remove_suffix(1);
  return name;
}

// Ranges of equal name (but for a number) on one thread that look like steps.
std::vector<Series> candidates(const Recording& recording, const Names& names) {
  std::unordered_map<uint32_t, std::string_view> stepNames;  // label -> base, empty: no step
  std::unordered_map<std::string, Series> byName;
  for (uint32_t i = 0; i < recording.events.size(); ++i) {
    const auto& e = recording.events[i];
    if (e.kind != SliceKind::Range || recording.tracks[e.track].kind != TrackKind::Thread) continue;
    auto it = stepNames.find(e.label);
    if (it == stepNames.end()) {
      const auto base = withoutNumber(names.labels.text(e.label));
      it = stepNames.emplace(e.label, namesStep(base) ? base : std::string_view()).first;
    }
    if (it->second.empty() || e.durationNs <= 0) continue;
    auto& series = byName[std::to_string(e.track) + "/" + std::string(it->second)];
    series.events.push_back(i);
    series.coveredNs += static_cast<double>(e.durationNs);
  }
  std::vector<Series> out;
  for (auto& [name, series] : byName) out.push_back(std::move(series));
  return out;
}

bool areSteps(const Recording& recording, const Series& series) {
  if (series.events.size() < 2) return false;
  int64_t end = std::numeric_limits<int64_t>::min();
  for (const auto i : series.events) {
    const auto& e = recording.events[i];
    if (e.startNs < end) return false;  // they overlap, or hold each other
    end = e.startNs + e.durationNs;
  }
  const auto span = static_cast<double>(end - recording.events[series.events.front()].startNs);
  return series.coveredNs >= kCover * span;
}

bool fromRanges(Recording& recording, const Names& names) {
  const Series* best = nullptr;
  const auto all = candidates(recording, names);
  const auto isProfilerStep = [&](const Series& s) {
    return names.labels.text(recording.events[s.events.front()].label).starts_with("ProfilerStep");
  };
  for (const auto& series : all) {
    if (!areSteps(recording, series)) continue;
    const bool better = best == nullptr || isProfilerStep(series) > isProfilerStep(*best) ||
                        (isProfilerStep(series) == isProfilerStep(*best) && series.coveredNs > best->coveredNs);
    if (better) best = &series;
  }
  if (best == nullptr) return false;
  for (const auto i : best->events) {
    const auto& e = recording.events[i];
    recording.runs.push_back({std::string(names.labels.text(e.label)), e.startNs, e.durationNs});
  }
  return true;
}

// Kernels of the stream with most of them, in order of time.
std::vector<uint32_t> kernelsOfBusiestStream(const Recording& recording) {
  std::vector<int64_t> counts(recording.tracks.size(), 0);
  for (const auto& work : recording.works) {
    const auto& e = recording.events[work.event];
    if (e.kind == SliceKind::Kernel) ++counts[e.track];
  }
  std::vector<uint32_t> out;
  if (counts.empty()) return out;
  const auto busiest = static_cast<uint32_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  for (uint32_t i = 0; i < recording.events.size() && out.size() < kMostKernels; ++i) {
    const auto& e = recording.events[i];
    if (e.track == busiest && e.kind == SliceKind::Kernel) out.push_back(i);
  }
  return out;
}

void fromKernels(Recording& recording) {
  const auto kernels = kernelsOfBusiestStream(recording);
  std::vector<uint32_t> names;
  std::vector<int64_t> gaps;
  int64_t end = 0;
  for (const auto i : kernels) {
    const auto& e = recording.events[i];
    names.push_back(e.label);
    gaps.push_back(names.size() == 1 ? 0 : std::max<int64_t>(0, e.startNs - end));
    end = e.startNs + e.durationNs;
  }
  const auto period = analyzers::findPeriod(names, gaps);
  if (!period) return;
  for (size_t n = 0; n < period->count; ++n) {
    const size_t first = period->first + n * period->length;
    if (first + period->length > kernels.size()) break;
    const auto& from = recording.events[kernels[first]];
    const auto& last = recording.events[kernels[first + period->length - 1]];
    const bool hasNext = first + period->length < kernels.size();
    const int64_t to =
        hasNext ? recording.events[kernels[first + period->length]].startNs : last.startNs + last.durationNs;
    recording.runs.push_back({fmt::format("repetition {}", n + 1), from.startNs, to - from.startNs});
  }
  recording.notes.push_back(
      fmt::format("no steps are marked: {} repetitions of {} kernels were found and taken for them",
                  recording.runs.size(), period->length));
}

}  // namespace

bool namesStep(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::array<std::string_view, 11> kWords{"step",    "iter",  "batch",  "inference", "infer",  "frame",
                                                    "request", "token", "decode", "epoch",     "forward"};
  // "Optimizer.step" and "Iterator" are something else.
  if (lower.starts_with("optimizer") || lower.find("iterator") != std::string::npos) return false;
  return std::any_of(kWords.begin(), kWords.end(), [&](auto w) { return lower.find(w) != std::string::npos; });
}

void findRuns(Recording& recording, const Names& names) {
  if (!recording.runs.empty() || !recording.timed) return;
  if (!fromRanges(recording, names)) fromKernels(recording);
}

uint32_t runAt(const Recording& recording, int64_t ns) {
  const auto& runs = recording.runs;
  auto it =
      std::upper_bound(runs.begin(), runs.end(), ns, [](int64_t t, const RecordedRun& r) { return t < r.startNs; });
  if (it == runs.begin()) return kNone;
  --it;
  return ns < it->startNs + it->durationNs ? static_cast<uint32_t>(it - runs.begin()) : kNone;
}

}  // namespace ridgeline::collector::import
