#include "collector/import/nsys/nsys_reader.h"

#include "collector/import/nsys/nsys_words.h"
#include "collector/words/privacy.h"

#include <algorithm>

namespace ridgeline::collector::import {

using namespace profile;

namespace {

constexpr int64_t kProcessMask = ~int64_t{0xffffff};  // global ids: the thread is in the lowest 24 bits

}  // namespace

Recording& NsysReader::processOf(int64_t globalId) {
  m_process = globalId & kProcessMask;
  auto& r = m_processes[m_process];
  r.format = "nsys";
  return r;
}

int NsysReader::deviceOf(Recording& recording, int64_t ordinal) {
  for (size_t i = 0; i < recording.devices.size(); ++i) {
    if (recording.devices[i].ordinal == ordinal) return static_cast<int>(i);
  }
  const auto known = m_gpus.find(ordinal);
  RecordedDevice device{.ordinal = ordinal, .name = fmt::format("GPU {}", ordinal), .vendor = "NVIDIA"};
  if (known != m_gpus.end()) device = known->second;
  device.used = true;
  recording.devices.push_back(device);
  return static_cast<int>(recording.devices.size()) - 1;
}

uint32_t NsysReader::trackOf(Recording& recording, const std::string& key, RecordedTrack track) {
  const auto [it, fresh] =
      m_tracks.emplace(fmt::format("{}/{}", m_process, key), static_cast<uint32_t>(recording.tracks.size()));
  if (fresh) recording.tracks.push_back(std::move(track));
  return it->second;
}

// `device` and `stream` are columns; the context stands between them.
uint32_t NsysReader::streamOf(Recording& r, const Row& row, int device, int stream, TrackKind kind, const char* name) {
  const int64_t d = row.integer(device), s = row.integer(stream);
  return trackOf(r, fmt::format("{}{}/{}/{}", name, d, row.integer(device + 1), s),
                 {fmt::format("{}{}", name, s), kind, deviceOf(r, d), s});
}

uint32_t NsysReader::threadOf(Recording& recording, int64_t globalTid) {
  const int64_t tid = globalTid & ~kProcessMask;
  return trackOf(recording, fmt::format("thread{}", tid),
                 {fmt::format("thread {}", tid), TrackKind::Thread, -1, static_cast<int64_t>(recording.tracks.size())});
}

uint32_t NsysReader::labelOf(int64_t stringId) {
  const auto [it, fresh] = m_labels.emplace(stringId, 0);
  if (fresh) it->second = m_names.labels.intern(cleaned(withoutVersion(m_db.string(stringId))));
  return it->second;
}

Result<Event*> NsysReader::event(Recording& r, const Row& row, uint32_t track, uint32_t label, SliceKind kind,
                                 const char* what) {
  if (r.events.size() >= kNone - 2) return badInput(m_file + " has more than 4 billion events");
  int64_t start = row.integer(0), end = row.isNull(1) ? start : row.integer(1);
  if (!isTime(start) || !isTime(end)) {
    return badInput(fmt::format("{}: a {} has a time that makes no sense: {}", m_file, what, start));
  }
  if (end < start) {
    r.count("event of negative duration", true, "kept, without a duration");
    end = start;
  }
  r.events.push_back({start, end - start, label, track, kNone, kind});
  r.count(what, true);
  return &r.events.back();
}

uint32_t NsysReader::shapeOf(Recording& recording, const Row& row, int first) {
  std::vector<int64_t> key;
  for (int i = first; i < first + 9; ++i) key.push_back(row.isNull(i) ? kNoNumber : row.integer(i));
  if (std::all_of(key.begin(), key.end(), [](int64_t n) { return n == kNoNumber; })) return kNone;
  const auto [it, fresh] = m_shapes.emplace(std::pair(m_process, key), static_cast<uint32_t>(recording.shapes.size()));
  if (!fresh) return it->second;
  const auto number = [&](size_t i) { return key[i] == kNoNumber ? std::nullopt : std::optional(key[i]); };
  LaunchShape shape{{}, number(0), number(1), number(2), number(3), number(4), number(5), number(6)};
  shape.staticShared = number(7), shape.dynamicShared = number(8);
  recording.shapes.push_back(shape);
  return it->second;
}

// What else the recorder saw. Tables about the machine and the export hold no events.
Status NsysReader::countRest() {
  if (m_processes.empty()) return {};
  auto& r = m_processes.begin()->second;
  for (const auto& [table, columns] : m_db.tables()) {
    const bool events = columns.count("start") != 0 || columns.count("timestamp") != 0 || table.ends_with("_EVENTS");
    if (!events || m_read.count(table) != 0 || table.starts_with("TARGET_INFO")) continue;
    auto n = m_db.count(table);
    if (!n) return passOn(n);
    r.count(cleaned(table.substr(0, 80)), false, "a table that is not read", *n);
  }
  return {};
}

Result<std::vector<Recording>> NsysReader::read() {
  for (auto step : {&NsysReader::readGpus, &NsysReader::readKernels, &NsysReader::readCopies, &NsysReader::readSets,
                    &NsysReader::readCalls, &NsysReader::readSyncs, &NsysReader::readGraphs, &NsysReader::readNvtx,
                    &NsysReader::readMemory}) {
    if (auto s = (this->*step)(); !s) return passOn(s);
  }
  for (const auto& [table, kind] : {std::pair{"CUDNN_EVENTS", SliceKind::Range},
                                    {"CUBLAS_EVENTS", SliceKind::Range},
                                    {"OSRT_API", SliceKind::Call},
                                    {"MPI_P2P_EVENTS", SliceKind::Call},
                                    {"MPI_COLLECTIVES_EVENTS", SliceKind::Call},
                                    {"MPI_OTHER_EVENTS", SliceKind::Call}}) {
    const auto known = m_db.tables().find(table);
    if (known == m_db.tables().end() || known->second.count("nameId") == 0) {
      continue;
    }
    if (auto s = readHost(table, kind); !s) return passOn(s);
  }
  if (auto s = countRest(); !s) return passOn(s);
  std::vector<Recording> out;
  for (auto& [process, recording] : m_processes) {
    if (recording.events.empty() && recording.samples.empty()) continue;
    recording.ordinal = m_processes.size() > 1 ? std::optional(static_cast<int64_t>(out.size())) : std::nullopt;
    out.push_back(std::move(recording));
  }
  if (out.empty()) return badInput(fmt::format("{} holds no events", m_file), "was anything recorded?");
  return out;
}

}  // namespace ridgeline::collector::import
