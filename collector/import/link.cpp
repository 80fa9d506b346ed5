#include "collector/import/link.h"

#include "collector/words/nesting.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace ridgeline::collector::import {
namespace {

using profile::SliceKind;

bool isWork(SliceKind kind) { return kind == SliceKind::Kernel || kind == SliceKind::Copy || kind == SliceKind::Set; }

// Rows of events in the order in which they are to stand.
std::vector<uint32_t> orderOf(const Recording& recording) {
  const auto& events = recording.events;
  std::vector<uint32_t> begins(recording.tracks.size() + 1, 0);
  for (const auto& e : events) ++begins[e.track + 1];
  for (size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
  std::vector<uint32_t> order(events.size());
  auto next = begins;
  for (uint32_t i = 0; i < events.size(); ++i) order[next[events[i].track]++] = i;
  const auto before = [&](uint32_t a, uint32_t b) {
    const auto& x = events[a];
    const auto& y = events[b];
    if (x.startNs != y.startNs) return x.startNs < y.startNs;
    if (x.durationNs != y.durationNs) return x.durationNs > y.durationNs;
    return a < b;
  };
  for (size_t t = 0; t + 1 < begins.size(); ++t) {
    const auto first = order.begin() + begins[t], last = order.begin() + begins[t + 1];
    if (!std::is_sorted(first, last, before)) std::sort(first, last, before);
  }
  return order;
}

// events[i] becomes what was events[order[i]]; in place, since there may be no room for a second copy.
void permute(std::vector<Event>& events, std::vector<uint32_t>& order) {
  for (uint32_t i = 0; i < order.size(); ++i) {
    if (order[i] == i) continue;
    const Event first = events[i];
    uint32_t at = i;
    while (order[at] != i) {
      const uint32_t from = order[at];
      events[at] = events[from];
      order[at] = at;
      at = from;
    }
    events[at] = first;
    order[at] = at;
  }
}

void sortEvents(Recording& recording) {
  auto order = orderOf(recording);
  if (!recording.counters.empty()) {
    std::vector<uint32_t> places(order.size());
    for (uint32_t i = 0; i < order.size(); ++i) places[order[i]] = i;
    for (auto& counter : recording.counters) counter.event = places[counter.event];
  }
  permute(recording.events, order);
  for (uint32_t i = 0; i < recording.events.size(); ++i) {
    const auto& e = recording.events[i];
    if (e.extra == kNone) continue;
    if (isWork(e.kind)) recording.works[e.extra].event = i;
    if (e.kind == SliceKind::Call) recording.calls[e.extra].event = i;
  }
}

void findCallers(Recording& recording) {
  Nesting<uint32_t> nesting;
  uint32_t track = kNone;
  for (uint32_t i = 0; i < recording.events.size(); ++i) {
    const auto& e = recording.events[i];
    if (e.track != track) nesting.clear(), track = e.track;
    if (e.extra != kNone && isWork(e.kind)) continue;
    nesting.leaveBefore(e.startNs);
    if (e.kind == SliceKind::Operator || e.kind == SliceKind::Range)
      nesting.enter(e.startNs, e.startNs + e.durationNs, i, e.kind == SliceKind::Operator);
    if (e.kind == SliceKind::Call && e.extra != kNone) recording.calls[e.extra].caller = nesting.innermost(kNone);
  }
}

using Pair = std::pair<int64_t, uint32_t>;  // correlation, row

void sortPairs(std::vector<Pair>& pairs) {
  if (!std::is_sorted(pairs.begin(), pairs.end())) std::sort(pairs.begin(), pairs.end());
}

void findLaunches(Recording& recording) {
  std::vector<Pair> calls, works;
  calls.reserve(recording.calls.size());
  works.reserve(recording.works.size());
  for (uint32_t i = 0; i < recording.calls.size(); ++i) {
    if (recording.calls[i].correlation != kNoNumber) calls.emplace_back(recording.calls[i].correlation, i);
  }
  for (uint32_t i = 0; i < recording.works.size(); ++i) {
    if (recording.works[i].correlation != kNoNumber) works.emplace_back(recording.works[i].correlation, i);
  }
  sortPairs(calls);
  sortPairs(works);
  size_t c = 0;
  for (const auto& [correlation, row] : works) {
    while (c < calls.size() && calls[c].first < correlation) ++c;
    if (c == calls.size()) break;
    if (calls[c].first != correlation) continue;
    const auto& call = recording.calls[calls[c].second];
    recording.works[row].launch = call.event;
    recording.works[row].caller = call.caller;
  }
}

// Recordings of a launch made by a graph or a helper thread have no call, but may name the operator.
void findCallersByExternalId(Recording& recording) {
  const bool wanted = std::any_of(recording.works.begin(), recording.works.end(),
                                  [](const Work& w) { return w.launch == kNone && w.externalId > 0; });
  if (!wanted) return;
  std::unordered_map<int64_t, uint32_t> byId;  // kNone: several have it
  for (uint32_t i = 0; i < recording.events.size(); ++i) {
    const auto& e = recording.events[i];
    if (e.kind != SliceKind::Operator || e.extra == kNone) continue;
    const int64_t id = recording.ops[e.extra].externalId;
    if (id == kNoNumber) continue;
    const auto [it, fresh] = byId.emplace(id, i);
    if (!fresh) it->second = kNone;
  }
  for (auto& work : recording.works) {
    if (work.launch != kNone || work.externalId <= 0) continue;
    const auto it = byId.find(work.externalId);
    if (it == byId.end() || it->second == kNone) continue;
    if (recording.events[it->second].startNs <= recording.events[work.event].startNs) work.caller = it->second;
  }
}

void countUnlinked(Recording& recording) {
  int64_t unlinked = 0, early = 0;
  for (const auto& work : recording.works) {
    unlinked += work.launch == kNone ? 1 : 0;
    early += work.launch != kNone && recording.events[work.launch].startNs > recording.events[work.event].startNs;
  }
  recording.count("work without its launching call", true, "kept; its launch was not recorded", unlinked);
  recording.count("work that begins before its launch", true, "kept; the clocks of host and device disagree", early);
}

}  // namespace

void link(Recording& recording) {
  sortEvents(recording);
  findCallers(recording);
  findLaunches(recording);
  findCallersByExternalId(recording);
  countUnlinked(recording);
}

}  // namespace ridgeline::collector::import
