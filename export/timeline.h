// A profile's timeline, read in the order in which trace formats want it.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "profile/profile.h"
#include "profile/timeline_vocabulary.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ridgeline::exporting {

// Threads of one process, or streams of one device: what viewers show as a process.
struct TrackGroup {
  int64_t id = 0;  // from 1
  std::string name;
};

struct TimelineTrack {
  profile::TrackId id;
  int64_t group = 0;  // TrackGroup::id
  std::string name;
  profile::TrackKind kind = profile::TrackKind::Thread;
};

struct TimelineSeries {
  profile::SeriesId id;
  int64_t group = 0;
  std::string name, unit;
};

// What is known of a slice beyond name and time, as text or number.
struct Detail {
  const char* name;
  profile::Cell value;
};

struct TimelineSlice {
  int64_t id = 0;
  int64_t startNs = 0, durationNs = 0;  // a negative duration counts as 0
  std::string name;
  std::string kind;                        // as in the file: "kernel"
  std::vector<Detail> details;             // valid as long as the slice
  std::vector<int64_t> flowsOut, flowsIn;  // ids of arrows that begin and end here
};

class Timeline {
 public:
  // `profile` must outlive it.
  static Result<Timeline> open(const profile::Profile& profile);

  const std::vector<TrackGroup>& groups() const { return m_groups; }
  const std::vector<TimelineTrack>& tracks() const { return m_tracks; }
  const std::vector<TimelineSeries>& series() const { return m_series; }
  int64_t flowCount() const { return m_flowCount; }
  int64_t sliceCount() const { return m_sliceCount; }
  // To be added to every time: trace formats want times of at least 0.
  int64_t shiftNs() const { return m_shiftNs; }

  // By start, the longer first.
  Status eachSlice(const TimelineTrack& track, const std::function<void(const TimelineSlice&)>& visit, Job job) const;
  Status eachSample(const TimelineSeries& series, const std::function<void(int64_t ns, double value)>& visit,
                    Job job) const;

 private:
  explicit Timeline(const profile::Profile& profile) : m_profile(&profile) {}
  Status loadTracks();
  Status loadFlows();
  Status loadExtent();
  int64_t groupOf(profile::RankId rank, profile::DeviceId device, bool ofDevice);

  const profile::Profile* m_profile;
  std::vector<TrackGroup> m_groups;
  std::vector<std::pair<int64_t, int64_t>> m_groupKeys;  // rank, device
  std::vector<profile::Rank> m_ranks;
  std::vector<profile::Device> m_devices;
  std::vector<TimelineTrack> m_tracks;
  std::vector<TimelineSeries> m_series;
  std::vector<std::pair<int64_t, int64_t>> m_out, m_in;  // slice, arrow; sorted
  int64_t m_flowCount = 0, m_sliceCount = 0, m_shiftNs = 0;
};

}  // namespace ridgeline::exporting
