// One spool into the profile: tracks, slices, launches, copies, counters. For spool_rows.cpp and tests.
#pragma once

#include "collector/launch/counter_kinds.h"
#include "collector/launch/launch_links.h"
#include "collector/launch/range_operators.h"
#include "collector/launch/spool_rows.h"
#include "collector/launch/spool_survey.h"
#include "plugins/sdk/spool/clock_map.h"
#include "profile/timeline_writer.h"

#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace ridgeline::collector {

class SpoolIngest final : public plugins::SpoolVisitor {
 public:
  using ShapeKey = std::array<uint32_t, 9>;  // grid, block, registers, static and dynamic shared memory
  // What all spools of a recording share.
  struct Shared {
    std::map<std::pair<std::string, std::string>, SpooledDevice> devices;  // by plugin and id
    std::map<ShapeKey, profile::LaunchShapeId> shapes;
    CounterKinds counters;
    int64_t lastSlice = 0, lastTrack = 0;
    std::map<profile::RankId, RangeOperators> operators;
  };

  SpoolIngest(profile::Profile& profile, const plugins::SpoolInfo& info, profile::RankId rank,
              const SpoolContext& context, int64_t namespaceOffsetNs, const SpoolSurvey& survey, Shared& shared,
              profile::TimelineWriter& writer, SpoolTotals& totals);

  Result<plugins::SpoolDamage> run(const std::filesystem::path& file);

  Status device(const RidgelineDevice& device) override;
  Status track(const RidgelineTrack& track) override;
  Status kernel(const RidgelineKernel& kernel) override;
  Status copy(const RidgelineCopy& copy) override;
  Status span(const RidgelineSpan& span) override;
  Status count(const RidgelineCount& count) override;
  Status lost(const RidgelineLost& lost) override;
  Status note(const RidgelineNote& note) override;

 private:
  struct OpenTrack {
    profile::TrackId row;  // none before there is something on it
    std::string name;
    profile::TrackKind kind = profile::TrackKind::Thread;
    const plugins::ClockMap* clock = nullptr;  // none: CLOCK_MONOTONIC
    SpooledDevice* device = nullptr;
  };
  Result<OpenTrack*> trackOf(uint64_t number);
  SpooledDevice* deviceOf(const char* id);
  int64_t toProfile(const OpenTrack& track, int64_t ns) const;
  Result<profile::LabelId> label(const char* text);
  Result<profile::LaunchShapeId> shapeOf(const RidgelineKernel& kernel);
  // The slice's id; none when its times make no sense.
  Result<profile::SliceId> addSlice(OpenTrack& track, const char* name, profile::SliceKind kind, int64_t startNs,
                                    int64_t endNs);
  Result<profile::SliceId> addSlice(OpenTrack& track, profile::LabelId label, profile::SliceKind kind, int64_t startNs,
                                    int64_t endNs);
  Status give(const LaunchLinks::Work& work);
  Status giveRow(OpenTrack& track);
  Status range(OpenTrack& track, const RidgelineSpan& span);
  Status flushCounters();
  Status writeIntake();
  void remember(uint64_t correlation, profile::SliceId kernel);

  profile::Profile& m_profile;
  const plugins::SpoolInfo& m_info;
  profile::RankId m_rank;
  const SpoolContext& m_context;
  int64_t m_namespaceOffsetNs;
  std::map<uint32_t, plugins::ClockMap> m_clocks;
  Shared& m_shared;
  const SpoolSurvey& m_survey;
  RangeOperators& m_operators;
  SpoolTotals& m_totals;
  LaunchLinks m_links;
  std::unordered_map<uint64_t, OpenTrack> m_tracks;
  uint64_t m_lastTrackNumber = 0;
  OpenTrack* m_lastTrack = nullptr;
  std::unordered_map<const char*, profile::LabelId> m_labels;
  std::unordered_map<std::string, profile::LabelId> m_rangeLabels;
  ShapeKey m_lastShapeKey{};
  profile::LaunchShapeId m_lastShape;
  std::unordered_map<uint64_t, profile::SliceId> m_kernels;  // by correlation, the latest few
  std::map<std::pair<uint64_t, std::string>, profile::SeriesId> m_series;
  profile::TimelineWriter& m_writer;
  std::vector<profile::KernelCounter> m_kernelCounters;
  std::map<profile::SliceKind, std::pair<int64_t, int64_t>> m_counts;  // kept and not
  std::map<std::pair<std::string, std::string>, int64_t> m_missing;    // by what it was, and why it is not there
};

}  // namespace ridgeline::collector
