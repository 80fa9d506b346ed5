#include "collector/import/groups.h"

#include "base/stats.h"
#include "collector/import/runs.h"
#include "collector/words/operator_row.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace ridgeline::collector::import {
namespace {

using profile::SliceKind;

bool isWork(const Event& e) {
  return (e.kind == SliceKind::Kernel || e.kind == SliceKind::Copy || e.kind == SliceKind::Set) && e.extra != kNone;
}

struct Group {
  uint32_t label = 0, shapes = kNone;
  int64_t calls = 0;
  std::unordered_map<uint32_t, double> perRun;  // ns
  double totalNs = 0;
};

class Groups {
 public:
  explicit Groups(Recording& recording) : m_recording(recording) {}

  // The group of an operator's event; made when it is new.
  uint32_t of(uint32_t index) {
    const auto& e = m_recording.events[index];
    auto* op = e.kind == SliceKind::Operator && e.extra != kNone ? &m_recording.ops[e.extra] : nullptr;
    const uint32_t shapes = op != nullptr ? op->shapes : kNone;
    const uint64_t key = static_cast<uint64_t>(e.label) << 32 | shapes;
    const auto [it, fresh] = m_byKey.emplace(key, static_cast<uint32_t>(groups.size()));
    if (fresh) groups.push_back({e.label, shapes, 0, {}, 0});
    return it->second;
  }
  uint32_t find(const Event& e) const {
    const uint32_t shapes = e.extra != kNone ? m_recording.ops[e.extra].shapes : kNone;
    const auto it = m_byKey.find(static_cast<uint64_t>(e.label) << 32 | shapes);
    return it == m_byKey.end() ? kNone : it->second;
  }
  std::vector<Group> groups;

 private:
  Recording& m_recording;
  std::unordered_map<uint64_t, uint32_t> m_byKey;
};

void add(Group& group, uint32_t run, double ns) {
  group.totalNs += ns;
  if (run != kNone) group.perRun[run] += ns;
}

void byWork(Recording& recording, Groups& groups) {
  for (const auto& work : recording.works) {
    if (work.caller == kNone) continue;
    const auto& e = recording.events[work.event];
    add(groups.groups[groups.of(work.caller)], runOf(recording, e), static_cast<double>(e.durationNs));
  }
}

// Self time: length less that of operators directly within.
void byHost(Recording& recording, Groups& groups) {
  struct Open {
    int64_t endNs;
    uint32_t group, run;
  };
  std::vector<Open> open;
  uint32_t track = kNone;
  for (uint32_t i = 0; i < recording.events.size(); ++i) {
    const auto& e = recording.events[i];
    if (e.kind != SliceKind::Operator) continue;
    if (e.track != track) open.clear(), track = e.track;
    while (!open.empty() && open.back().endNs <= e.startNs) open.pop_back();
    const auto duration = static_cast<double>(e.durationNs);
    const uint32_t run = runAt(recording, e.startNs), group = groups.of(i);
    add(groups.groups[group], run, duration);
    if (!open.empty()) add(groups.groups[open.back().group], open.back().run, -duration);
    open.push_back({e.startNs + e.durationNs, group, run});
  }
}

void countCalls(Recording& recording, Groups& groups) {
  const bool inRuns = !recording.runs.empty();
  for (auto& e : recording.events) {
    if (e.kind != SliceKind::Operator || e.extra == kNone) continue;
    const uint32_t group = groups.find(e);
    recording.ops[e.extra].group = group;
    if (group != kNone && (!inRuns || runAt(recording, e.startNs) != kNone)) ++groups.groups[group].calls;
  }
}

RecordedOperator operatorOf(const Recording& recording, const Names& names, const Group& group) {
  const auto runs = static_cast<double>(recording.runs.size());
  RecordedOperator out;
  auto& row = out.row;
  row = operatorRow(std::string(names.labels.text(group.label)),
                    group.shapes == kNone ? "" : std::string(names.labels.text(group.shapes)),
                    static_cast<double>(group.calls) / std::max(runs, 1.0));
  row.provenanceTime = profile::Provenance::Imported;
  row.timeNs = group.totalNs;
  if (runs > 0) {
    std::vector<double> times(recording.runs.size(), 0);
    for (const auto& [run, ns] : group.perRun) times[run] = ns;
    // The mean, so that operators add up to the step; many are in some of the steps only, and their median is 0.
    row.timeNs = std::accumulate(times.begin(), times.end(), 0.0) / runs;
    row.timeMadNs = robustSigma(times);
  }
  return out;
}

}  // namespace

uint32_t runOf(const Recording& recording, const Event& event) {
  if (recording.runs.empty()) return kNone;
  if (isWork(event)) {
    const uint32_t launch = recording.works[event.extra].launch;
    if (launch != kNone) return runAt(recording, recording.events[launch].startNs);
  }
  return runAt(recording, event.startNs);
}

void groupOperators(Recording& recording, const Names& names) {
  if (!recording.operators.empty()) return;
  Groups groups(recording);
  recording.works.empty() ? byHost(recording, groups) : byWork(recording, groups);
  countCalls(recording, groups);
  for (const auto& group : groups.groups) recording.operators.push_back(operatorOf(recording, names, group));
}

}  // namespace ridgeline::collector::import
