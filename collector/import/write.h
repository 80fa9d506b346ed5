// A recording into the profile's rows.
#pragma once

#include "collector/import/import.h"
#include "profile/timeline_writer.h"

namespace ridgeline::collector::import {

class RecordingWriter {
 public:
  static Result<RecordingWriter> open(profile::Profile& profile);
  // Recordings come one after the other; what they refer to in `names` is written by finish().
  Result<ImportedRank> add(Recording& recording, int64_t position);
  Status finish(const Names& names);
  const std::vector<std::string>& notes() const { return m_notes; }

 private:
  RecordingWriter(profile::Profile& profile, profile::TimelineWriter rows)
      : m_profile(&profile), m_rows(std::move(rows)) {}
  struct Ids;
  Status addTracks(const Recording& recording, Ids& ids);
  Status addOperators(const Recording& recording, Ids& ids);
  Status addSlices(const Recording& recording, const Ids& ids);
  Status addWork(const Recording& recording, const Event& event, profile::SliceId slice, const Ids& ids);
  Status addFlows(Recording& recording, const Ids& ids);
  Status addSeries(const Recording& recording, const Ids& ids);
  Status addCounters(const Names& names);
  Status addIntake(const Recording& recording, const Ids& ids);
  int64_t originFor(const Recording& recording);

  profile::Profile* m_profile;
  profile::TimelineWriter m_rows;
  int64_t m_slices = 0;  // ids given so far
  int64_t m_origin = 0;  // of the first rank: where its file's clock is at time 0 here
  bool m_hasOrigin = false;
  int64_t m_earliest = 0;  // time of any row
  std::vector<std::pair<profile::SliceId, RecordedCounter>> m_counters;
  std::vector<std::string> m_notes;
  int64_t m_ordinal = 0;
};

}  // namespace ridgeline::collector::import
