#include "collector/import/chrome/trace_reader.h"

#include "collector/words/privacy.h"

#include <algorithm>

namespace ridgeline::collector::import {

using profile::SliceKind;
using profile::TrackKind;

Status TraceReader::elements(std::string_view array, uint64_t offset) {
  return m_parser.parse(array, offset, m_file, [this](const TraceEvent& event) { return handle(event); });
}

Status TraceReader::member(std::string_view, std::string_view) { return {}; }

uint32_t TraceReader::labelOf(std::string_view raw) {
  const uint32_t number = m_rawNames.intern(raw);
  if (number == m_labels.size()) m_labels.push_back(m_names.labels.intern(cleaned(raw)));
  return m_labels[number];
}

uint32_t TraceReader::categoryOf(std::string_view text) {
  const uint32_t number = m_rawCategories.intern(text);
  if (number == m_categories.size()) {
    m_categories.push_back({text.empty() ? "(no category)" : cleaned(text.substr(0, 80)), kindOf(text)});
  }
  return number;
}

uint32_t TraceReader::track(std::string_view key, TrackKind kind, int device, const std::string& name,
                            int64_t ordinal) {
  const uint32_t number = m_trackKeys.intern(key);
  if (number == m_tracks.size()) {
    m_tracks.push_back(static_cast<uint32_t>(m_recording.tracks.size()));
    m_recording.tracks.push_back({name, kind, device, ordinal});
  }
  return m_tracks[number];
}

uint32_t TraceReader::trackOf(const TraceEvent& event) {
  m_key.assign("t").append(event.pid).append("/").append(event.tid);
  const uint32_t number = m_trackKeys.intern(m_key);
  if (number < m_tracks.size()) return m_tracks[number];
  const auto tid = integerOf(event.tid);
  const auto name = tid ? fmt::format("thread {}", *tid) : cleaned(event.tid.empty() ? event.pid : event.tid);
  return track(m_key, TrackKind::Thread, -1, name, static_cast<int64_t>(m_recording.tracks.size()));
}

int TraceReader::deviceOf(int64_t ordinal) {
  auto& devices = m_recording.devices;
  for (size_t i = 0; i < devices.size(); ++i) {
    if (devices[i].ordinal == ordinal) return static_cast<int>(i);
  }
  devices.push_back({.ordinal = ordinal, .name = fmt::format("GPU {}", ordinal)});
  return static_cast<int>(devices.size()) - 1;
}

void TraceReader::sample(std::string_view series, std::string_view unit, int device, int64_t atNs, double value) {
  m_key.assign(series).append("/").append(std::to_string(device));
  const uint32_t number = m_seriesKeys.intern(m_key);
  if (number == m_recording.series.size()) {
    m_recording.series.push_back({cleaned(series.substr(0, 200)), std::string(unit), device});
  }
  m_recording.samples.push_back({number, atNs, value});
}

Event& TraceReader::row(const TraceEvent& event) {
  auto& category = m_categories[categoryOf(event.category)];
  ++category.slices;
  m_recording.events.push_back({event.timeNs, event.durationNs, labelOf(event.name), 0, kNone, category.kind});
  return m_recording.events.back();
}

void TraceReader::complete(const TraceEvent& event, Event& row) { row.track = trackOf(event); }

void TraceReader::slice(const TraceEvent& event) {
  if (!event.hasDuration) m_recording.count("event without a duration", true, "kept, without one");
  auto& made = row(event);
  if (made.durationNs < 0) {
    m_recording.count("event of negative duration", true, "kept, without a duration");
    made.durationNs = 0;
  }
  complete(event, made);
}

void TraceReader::begin(const TraceEvent& event) {
  auto& made = row(event);
  made.durationNs = -1;  // until its end comes
  complete(event, made);
  m_open[made.track].push_back(static_cast<uint32_t>(m_recording.events.size() - 1));
}

// Ends what was opened last.
void TraceReader::close(std::vector<uint32_t>& open, int64_t atNs) {
  if (open.empty()) {
    m_recording.count("end without a begin", false, "nothing it could end");
    return;
  }
  auto& made = m_recording.events[open.back()];
  open.pop_back();
  made.durationNs = std::max<int64_t>(0, atNs - made.startNs);
}

void TraceReader::end(const TraceEvent& event) { close(m_open[trackOf(event)], event.timeNs); }

// "b" and "e" belong together by category, id and name; they may overlap on any thread, so they get rows of their own.
void TraceReader::asynchronous(const TraceEvent& event) {
  m_key.assign(event.category).append("\n").append(event.id).append("\n").append(event.name);
  auto& open = m_openAsync[m_asyncKeys.intern(m_key)];
  if (event.phase == 'e') {
    close(open, event.timeNs);
    return;
  }
  auto& made = row(event);
  made.durationNs = event.phase == 'b' ? -1 : 0;
  made.kind = SliceKind::Range;
  m_key.assign("a").append(event.category);
  made.track = track(m_key, TrackKind::Range, -1, cleaned(event.category.substr(0, 80)), 1000);
  if (event.phase == 'b') open.push_back(static_cast<uint32_t>(m_recording.events.size() - 1));
}

std::string TraceReader::whyNoFlow(std::string_view) const { return {}; }

void TraceReader::flow(const TraceEvent& event) {
  const auto why = whyNoFlow(event.category);
  const auto id = integerOf(event.id);
  if (!why.empty() || !id || event.phase == 't') {
    m_recording.count(fmt::format("flow {}", m_categories[categoryOf(event.category)].name), false,
                      !why.empty()         ? why
                      : event.phase == 't' ? "a step between the ends"
                                           : "its id is no number");
    return;
  }
  const uint32_t kind = categoryOf(event.category);
  m_recording.flowKinds.emplace(kind, m_categories[kind].name);
  m_recording.flowEnds.push_back({kind, trackOf(event), *id, event.timeNs, event.phase == 's'});
}

void TraceReader::counter(const TraceEvent& event) {
  int64_t values = 0;
  const std::string name(event.name);
  m_parser.numbers(event, [&](std::string_view key, double value) {
    const auto series = key == "value" || key == name ? name : name + " " + std::string(key);
    sample(series, "", -1, event.timeNs, value);
    ++values;
  });
  m_recording.count("counter event", values > 0, values > 0 ? "" : "holds no number");
}

bool TraceReader::instant(const TraceEvent&) { return false; }

Status TraceReader::metadata(const TraceEvent&) {
  m_recording.count("metadata", false, "names of processes and threads are not taken over");
  return {};
}

Status TraceReader::handle(const TraceEvent& event) {
  ++m_events;
  if (event.phase == 'M') return metadata(event);
  if (event.phase == 0) return badInput(": has no phase (\"ph\")", "is it a trace of events?");
  if (!event.hasTime) return badInput(": has no time (\"ts\")");
  if (m_recording.events.size() >= kNone - 2) return badInput(m_file + " has more than 4 billion events");
  switch (event.phase) {
    case 'X':
      slice(event);
      break;
    case 'B':
      begin(event);
      break;
    case 'E':
      end(event);
      break;
    case 'b':
    case 'e':
    case 'n':
      asynchronous(event);
      break;
    case 's':
    case 't':
    case 'f':
      flow(event);
      break;
    case 'C':
      counter(event);
      break;
    case 'i':
    case 'I':
    case 'R':
      if (!instant(event)) {
        auto& made = row(event);
        made.durationNs = 0, made.kind = SliceKind::Other, made.track = trackOf(event);
      }
      break;
    default:
      m_recording.count(fmt::format("event of phase {}", event.phase > ' ' && event.phase < '\x7f' ? event.phase : '?'),
                        false, "a phase that is not read");
  }
  return {};
}

void TraceReader::finish() {
  for (auto* open : {&m_open, &m_openAsync}) {
    for (auto& [key, rows] : *open) {
      for (const auto index : rows) m_recording.events[index].durationNs = 0;
      m_recording.count("begin without an end", true, "kept, without a duration", static_cast<int64_t>(rows.size()));
    }
  }
  for (const auto& category : m_categories) m_recording.count(category.name, true, "", category.slices);
}

}  // namespace ridgeline::collector::import
