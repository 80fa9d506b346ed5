// What holds of any recording that is read, and of those that are refused.
#pragma once

#include "collector/import/import.h"
#include "collector/import/write.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace ridgeline::tests {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline bool isRow(uint32_t row, size_t rows) { return row == collector::import::kNone || row < rows; }

inline void checkRows(const collector::import::Recording& r, const collector::import::Names& names) {
  for (const auto& e : r.events) {
    require(e.track < r.tracks.size(), "an event is on a track");
    require(e.label < names.labels.size(), "an event has a name");
    require(e.durationNs >= 0, "no event ends before it begins");
  }
  for (const auto& w : r.works) {
    require(w.event < r.events.size() && isRow(w.launch, r.events.size()) && isRow(w.caller, r.events.size()) &&
                isRow(w.shape, r.shapes.size()),
            "work points at rows");
  }
  for (const auto& op : r.ops) require(isRow(op.group, r.operators.size()), "an operator's group is a row");
  for (const auto& t : r.tracks) require(t.device < static_cast<int>(r.devices.size()), "a track's device is a row");
  for (const auto& s : r.samples) require(s.series < r.series.size(), "a sample's series is a row");
  for (const auto& c : r.counters) require(c.event < r.events.size(), "a counter's event is a row");
  for (const auto& run : r.runs) require(run.durationNs >= 0, "no step ends before it begins");
}

// Either a refusal in one line, or rows that point at each other and lie in time, and that a profile takes.
inline void checkImport(Result<std::vector<collector::import::Recording>> recordings,
                        const collector::import::Names& names) {
  if (!recordings) {
    require(recordings.error().code != ErrorCode::Internal, "a recording is no bug");
    require(recordings.error().text().find('\n') == std::string::npos, "a refusal is one line");
    return;
  }
  for (const auto& recording : *recordings) checkRows(recording, names);
  auto profile = profile::Profile::createInMemory();
  require(profile.has_value(), "a profile is made");
  auto writer = collector::import::RecordingWriter::open(*profile);
  require(writer.has_value(), "a profile is written to");
  for (auto& recording : *recordings) require(writer->add(recording, 0).has_value(), "a recording is written");
  require(writer->finish(names).has_value(), "a profile is finished");
}

}  // namespace ridgeline::tests
