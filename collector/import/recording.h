// A recording in memory between its file and the profile: what every format's reader fills, compact because there may
// be millions of events.
#pragma once

#include "collector/import/string_table.h"
#include "profile/timeline_vocabulary.h"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::collector::import {

inline constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
inline constexpr int64_t kNoNumber = std::numeric_limits<int64_t>::min();

// 32 bytes. `extra` is an index into works (Kernel, Copy, Set), calls (Call, Sync on a thread) or ops (Operator).
struct Event {
  int64_t startNs = 0;
  int64_t durationNs = 0;
  uint32_t label = 0;  // in Names::labels
  uint32_t track = 0;  // in Recording::tracks
  uint32_t extra = kNone;
  profile::SliceKind kind = profile::SliceKind::Other;
};

// What an accelerator did.
struct Work {
  int64_t correlation = kNoNumber;
  int64_t externalId = kNoNumber;  // of the operator, where the recording has it
  int64_t bytes = kNoNumber;
  uint32_t event = kNone;
  uint32_t shape = kNone;                   // in Recording::shapes
  uint32_t launch = kNone, caller = kNone;  // events; set by link()
  int32_t graphNode = -1;
  profile::CopyDirection direction = profile::CopyDirection::Unknown;
  int8_t pinned = -1;  // 0, 1, or -1: not known
};

struct CallInfo {
  int64_t correlation = kNoNumber;
  uint32_t event = kNone;
  uint32_t caller = kNone;  // event; set by link()
};

struct OpInfo {
  int64_t externalId = kNoNumber;
  uint32_t shapes = kNone;  // in Names::labels: "float32 1x3x8x8, float32 8x3x3x3"
  uint32_t group = kNone;   // of equal operators; set by groupOperators()
};

struct RecordedTrack {
  std::string name;
  profile::TrackKind kind = profile::TrackKind::Thread;
  int device = -1;  // in Recording::devices
  int64_t ordinal = 0;
};

struct RecordedDevice {
  int64_t ordinal = 0;
  std::string name;
  std::string kind = "gpu";
  std::string vendor;
  std::string properties = "{}";
  bool used = false;                 // written only if so
  std::vector<profile::Roof> roofs;  // from what the recording says of it
};

// One end of an arrow.
struct FlowEnd {
  uint32_t kind = 0;  // in Recording::flowKinds
  uint32_t track = 0;
  int64_t id = 0;
  int64_t atNs = 0;
  bool begin = false;
};

struct RecordedSeries {
  std::string name, unit;
  int device = -1;
};
struct RecordedSample {
  uint32_t series = 0;
  int64_t atNs = 0;
  double value = 0;
};

struct RecordedCounter {
  uint32_t event = 0;
  uint32_t name = 0;  // label
  uint32_t unit = 0;  // label
  double value = 0;
};

// A step of the program: an iteration.
struct RecordedRun {
  std::string name;
  int64_t startNs = 0;
  int64_t durationNs = 0;
};

// An operator whose times the recording gives in sum, or that groupOperators() made of equal ones.
struct RecordedOperator {
  profile::Operator row;            // without ids
  std::vector<double> timesPerRun;  // ns; empty: row.timeNs stands
};

struct IntakeKey {
  std::string what;
  bool kept = true;
  std::string note;
  auto operator<=>(const IntakeKey&) const = default;
};

// One process of a recording.
struct Recording {
  std::optional<int64_t> ordinal;  // its rank, where the file says so
  std::string name;                // "rank 3", "process 2"; empty: made of the ordinal
  std::string source;              // base name of the file
  std::string format;
  std::string engine;  // "PyTorch", "TensorRT"; may be empty
  std::string model;   // base name; may be empty
  bool timed = true;
  int64_t clockOffsetNs = 0;

  std::vector<Event> events;
  std::vector<Work> works;
  std::vector<CallInfo> calls;
  std::vector<OpInfo> ops;
  std::vector<profile::LaunchShape> shapes;
  std::vector<RecordedTrack> tracks;
  std::vector<RecordedDevice> devices;
  std::vector<FlowEnd> flowEnds;
  std::map<uint32_t, std::string> flowKinds;
  std::vector<RecordedSeries> series;
  std::vector<RecordedSample> samples;
  std::vector<RecordedCounter> counters;
  std::vector<RecordedRun> runs;
  std::vector<RecordedOperator> operators;
  std::map<IntakeKey, int64_t> intake;
  std::vector<std::string> notes;

  void count(std::string what, bool kept, std::string note = {}, int64_t times = 1) {
    if (times != 0) intake[{std::move(what), kept, std::move(note)}] += times;
  }
};

// Shared by all recordings of one import.
struct Names {
  StringTable labels;
};

}  // namespace ridgeline::collector::import
