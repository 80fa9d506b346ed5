#include "collector/import/write.h"

#include "collector/import/groups.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace ridgeline::collector::import {

using namespace profile;

// Recordings whose clocks are further apart than this were not made together, or their clocks do not compare.
constexpr int64_t kSameTimeNs = 3600LL * 1000 * 1000 * 1000;

struct RecordingWriter::Ids {
  RankId rank;
  std::vector<DeviceId> devices;
  std::vector<TrackId> tracks;
  std::vector<RunId> runs;
  std::vector<LaunchShapeId> shapes;
  std::vector<OperatorId> operators;
  int64_t slice = 0;  // id of the first event's slice
  int64_t offsetNs = 0;
  DeviceId device(int index) const { return index < 0 ? DeviceId{} : devices[static_cast<size_t>(index)]; }
  SliceId sliceOf(uint32_t event) const { return event == kNone ? SliceId{} : SliceId{slice + event}; }
};

Result<RecordingWriter> RecordingWriter::open(Profile& profile) {
  auto rows = TimelineWriter::open(profile);
  if (!rows) return passOn(rows);
  return RecordingWriter(profile, std::move(*rows));
}

// Where this recording's clock is at time 0 of the profile.
int64_t RecordingWriter::originFor(const Recording& recording) {
  int64_t first = 0;
  bool any = false;
  for (const auto& e : recording.events) {
    if (!any || e.startNs < first) first = e.startNs, any = true;
  }
  if (!any) return 0;
  const int64_t absolute = first + recording.clockOffsetNs;
  if (!m_hasOrigin) {
    m_origin = absolute, m_hasOrigin = true;
    return first;
  }
  const bool comparable = absolute > m_origin - kSameTimeNs && absolute < m_origin + kSameTimeNs;
  if (comparable) return m_origin - recording.clockOffsetNs;
  m_notes.push_back(
      fmt::format("{}: its clock is far from the first file's; it was put to the same start", recording.source));
  return first;
}

Status RecordingWriter::addTracks(const Recording& recording, Ids& ids) {
  for (const auto& d : recording.devices) {
    ids.devices.emplace_back();
    if (!d.used) continue;
    auto id = m_profile->add(Device{{}, d.name, d.kind, d.vendor, d.properties, ids.rank, d.ordinal});
    if (!id) return passOn(id);
    ids.devices.back() = *id;
    for (auto roof : d.roofs) {
      roof.device = *id;
      if (auto added = m_profile->add(roof); !added) return passOn(added);
    }
  }
  for (const auto& t : recording.tracks) {
    auto id = m_profile->add(Track{{}, ids.device(t.device), t.name, t.kind, t.ordinal, ids.rank});
    if (!id) return passOn(id);
    ids.tracks.push_back(*id);
  }
  for (const auto& r : recording.runs) {
    Run run{.kind = RunKind::Observed, .ordinal = m_ordinal++, .startNs = r.startNs - ids.offsetNs};
    run.durationNs = r.durationNs, run.rank = ids.rank, run.name = r.name;
    auto id = m_profile->add(run);
    if (!id) return passOn(id);
    ids.runs.push_back(*id);
  }
  for (const auto& s : recording.shapes) {
    auto id = m_profile->add(s);
    if (!id) return passOn(id);
    ids.shapes.push_back(*id);
  }
  return {};
}

Status RecordingWriter::addOperators(const Recording& recording, Ids& ids) {
  for (const auto& op : recording.operators) {
    auto row = op.row;
    for (const auto& device : ids.devices) {
      if (device && !row.device && !recording.works.empty()) row.device = device;
    }
    auto id = m_profile->add(row);
    if (!id) return passOn(id);
    ids.operators.push_back(*id);
  }
  return {};
}

Status RecordingWriter::addWork(const Recording& recording, const Event& event, SliceId slice, const Ids& ids) {
  const auto& work = recording.works[event.extra];
  const auto number = [](int64_t n) { return n == kNoNumber ? std::nullopt : std::optional(n); };
  if (event.kind == SliceKind::Kernel) {
    KernelLaunch row{slice, ids.sliceOf(work.launch), ids.sliceOf(work.caller)};
    if (work.shape != kNone) row.shape = ids.shapes[work.shape];
    row.correlation = number(work.correlation);
    if (work.graphNode > 0) row.graphNode = work.graphNode;
    return m_rows.kernel(row);
  }
  Copy row{slice, ids.sliceOf(work.launch), ids.sliceOf(work.caller), work.direction, number(work.bytes)};
  if (work.pinned >= 0) row.pinned = work.pinned != 0;
  row.correlation = number(work.correlation);
  return m_rows.copy(row);
}

Status RecordingWriter::addSlices(const Recording& recording, const Ids& ids) {
  for (uint32_t i = 0; i < recording.events.size(); ++i) {
    const auto& e = recording.events[i];
    Slice row{.id = ids.sliceOf(i), .track = ids.tracks[e.track], .label = LabelId{e.label + 1LL}};
    const uint32_t run = runOf(recording, e);
    if (run != kNone) row.run = ids.runs[run];
    row.startNs = e.startNs - ids.offsetNs, row.durationNs = e.durationNs, row.kind = e.kind;
    m_earliest = std::min(m_earliest, row.startNs);
    const bool work = e.kind == SliceKind::Kernel || e.kind == SliceKind::Copy || e.kind == SliceKind::Set;
    const uint32_t caller = work && e.extra != kNone        ? recording.works[e.extra].caller
                            : e.kind == SliceKind::Operator ? i
                                                            : kNone;
    if (caller != kNone && recording.events[caller].kind == SliceKind::Operator) {
      const uint32_t extra = recording.events[caller].extra;
      const uint32_t group = extra == kNone ? kNone : recording.ops[extra].group;
      if (group != kNone) row.op = ids.operators[group];
    }
    if (auto s = m_rows.slice(row); !s) return s;
    if (work && e.extra != kNone) {
      if (auto s = addWork(recording, e, row.id, ids); !s) return s;
    }
  }
  return m_rows.flush();
}

namespace {

// The innermost slice of a track that holds a moment, or kNone. Events are sorted.
uint32_t sliceAt(const Recording& recording, const std::vector<uint32_t>& begins, uint32_t track, int64_t ns) {
  const auto& events = recording.events;
  const auto first = events.begin() + begins[track], last = events.begin() + begins[track + 1];
  auto it = std::upper_bound(first, last, ns, [](int64_t t, const Event& e) { return t < e.startNs; });
  for (int looked = 0; it != first && looked < 64; ++looked) {
    --it;
    if (ns <= it->startNs + it->durationNs) return static_cast<uint32_t>(it - events.begin());
  }
  return kNone;
}

}  // namespace

Status RecordingWriter::addFlows(Recording& recording, const Ids& ids) {
  if (recording.flowEnds.empty()) return {};
  std::vector<uint32_t> begins(recording.tracks.size() + 1, 0);
  for (const auto& e : recording.events) ++begins[e.track + 1];
  for (size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
  auto& ends = recording.flowEnds;
  std::sort(ends.begin(), ends.end(), [](const FlowEnd& a, const FlowEnd& b) {
    return std::tie(a.kind, a.id, b.begin, a.atNs) < std::tie(b.kind, b.id, a.begin, b.atNs);
  });
  std::vector<Flow> flows;
  int64_t alone = 0;
  for (size_t i = 0; i < ends.size(); ++i) {
    const bool pair = i + 1 < ends.size() && ends[i].begin && !ends[i + 1].begin && ends[i].kind == ends[i + 1].kind &&
                      ends[i].id == ends[i + 1].id;
    const uint32_t from = pair ? sliceAt(recording, begins, ends[i].track, ends[i].atNs) : kNone;
    const uint32_t to = pair ? sliceAt(recording, begins, ends[i + 1].track, ends[i + 1].atNs) : kNone;
    if (!pair || from == kNone || to == kNone) {
      alone += pair ? 2 : 1;
    } else {
      flows.push_back({{}, "", ids.sliceOf(from), ids.sliceOf(to)});
      flows.back().kind = recording.flowKinds.at(ends[i].kind);
    }
    if (pair) ++i;
  }
  recording.count("flow", true, "", static_cast<int64_t>(flows.size()) * 2);
  recording.count("flow", false, "its other end, or a slice at an end, is missing", alone);
  return m_profile->addAll(flows);
}

Status RecordingWriter::addSeries(const Recording& recording, const Ids& ids) {
  std::vector<SeriesId> series;
  for (const auto& s : recording.series) {
    auto id = m_profile->add(profile::Series{{}, ids.rank, ids.device(s.device), s.name, s.unit});
    if (!id) return passOn(id);
    series.push_back(*id);
  }
  for (const auto& s : recording.samples) {
    if (auto w = m_rows.sample({{}, series[s.series], s.atNs - ids.offsetNs, s.value}); !w) return w;
  }
  return {};
}

Status RecordingWriter::addIntake(const Recording& recording, const Ids& ids) {
  for (const auto& [key, count] : recording.intake) {
    if (auto id = m_profile->add(Intake{{}, ids.rank, key.what, count, key.kept, key.note}); !id) return passOn(id);
  }
  return {};
}

Result<ImportedRank> RecordingWriter::add(Recording& recording, int64_t position) {
  Ids ids;
  ids.offsetNs = originFor(recording);
  ids.slice = m_slices + 1;
  m_slices += static_cast<int64_t>(recording.events.size());
  Rank rank{{}, recording.ordinal.value_or(position), recording.name, recording.source, recording.format};
  if (rank.name.empty()) rank.name = fmt::format("rank {}", rank.ordinal);
  rank.clockOffsetNs = -ids.offsetNs, rank.timed = recording.timed;
  auto transaction = m_profile->begin();
  if (!transaction) return passOn(transaction);
  auto rankId = m_profile->add(rank);
  if (!rankId) return passOn(rankId);
  ids.rank = *rankId;
  if (auto s = addTracks(recording, ids); !s) return passOn(s);
  if (auto s = addOperators(recording, ids); !s) return passOn(s);
  if (auto s = addSlices(recording, ids); !s) return passOn(s);
  if (auto s = addFlows(recording, ids); !s) return passOn(s);
  if (auto s = addSeries(recording, ids); !s) return passOn(s);
  for (const auto& counter : recording.counters) m_counters.emplace_back(ids.sliceOf(counter.event), counter);
  if (auto s = addIntake(recording, ids); !s) return passOn(s);
  if (auto s = transaction->commit(); !s) return passOn(s);

  ImportedRank out{.name = rank.name, .source = rank.source, .format = rank.format};
  out.slices = static_cast<int64_t>(recording.events.size());
  out.operators = static_cast<int64_t>(recording.operators.size());
  out.runs = static_cast<int64_t>(recording.runs.size());
  for (const auto& e : recording.events) {
    const auto ms = static_cast<double>(e.durationNs) * 1e-6;
    if (e.kind == SliceKind::Kernel) ++out.kernels, out.kernelMs += ms;
    if (e.kind == SliceKind::Copy) ++out.copies, out.copyMs += ms;
    if (e.kind == SliceKind::Set) ++out.sets;
  }
  for (const auto& d : recording.devices) {
    if (d.used) out.devices.push_back(d.name);
  }
  for (const auto& note : recording.notes) {
    if (std::find(m_notes.begin(), m_notes.end(), note) == m_notes.end()) m_notes.push_back(note);
  }
  return out;
}

Status RecordingWriter::addCounters(const Names& names) {
  std::unordered_map<uint32_t, CounterId> kinds;
  std::vector<KernelCounter> rows;
  for (const auto& [slice, counter] : m_counters) {
    auto it = kinds.find(counter.name);
    if (it == kinds.end()) {
      auto id = m_profile->add(CounterKind{.name = std::string(names.labels.text(counter.name)),
                                           .unit = std::string(names.labels.text(counter.unit))});
      if (!id) return passOn(id);
      it = kinds.emplace(counter.name, *id).first;
    }
    rows.push_back({slice, it->second, counter.value, Provenance::Imported});
  }
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return std::tie(a.slice, a.counter) < std::tie(b.slice, b.counter); });
  // A metric that stands twice on a line of a table.
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [](const auto& a, const auto& b) { return a.slice == b.slice && a.counter == b.counter; }),
             rows.end());
  return m_profile->addAll(rows);
}

Status RecordingWriter::finish(const Names& names) {
  auto transaction = m_profile->begin();
  if (!transaction) return passOn(transaction);
  for (uint32_t i = 0; i < names.labels.size(); ++i) {
    if (auto s = m_rows.label(LabelId{i + 1LL}, names.labels.text(i)); !s) return s;
  }
  if (auto s = addCounters(names); !s) return s;
  if (m_earliest < 0) {
    if (auto s = m_rows.shift(-m_earliest); !s) return s;
  }
  return transaction->commit();
}

}  // namespace ridgeline::collector::import
