// One spool into the profile: tracks, slices, launches, copies, counters. For spool_rows.cpp and tests.
#pragma once

#include "collector/launch/launch_links.h"
#include "collector/launch/spool_rows.h"
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
    std::map<std::string, profile::CounterId> counters;
    int64_t lastSlice = 0, lastTrack = 0;
  };

  SpoolIngest(profile::Profile& profile, const plugins::SpoolInfo& info, profile::RankId rank,
              const SpoolContext& context, int64_t namespaceOffsetNs,
              const std::map<uint32_t, std::vector<plugins::ClockMap::Moment>>& moments, Shared& shared,
              SpoolTotals& totals);

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
    profile::TrackId row;
    const plugins::ClockMap* clock = nullptr;  // none: CLOCK_MONOTONIC
    SpooledDevice* device = nullptr;
  };
  Result<OpenTrack*> trackOf(uint64_t number);
  SpooledDevice* deviceOf(const char* id);
  int64_t toProfile(const OpenTrack& track, int64_t ns) const;
  Result<profile::LabelId> label(const char* text);
  Result<profile::LaunchShapeId> shapeOf(const RidgelineKernel& kernel);
  Result<profile::CounterId> counterOf(const char* name);
  // The slice's id; none when its times make no sense.
  Result<profile::SliceId> addSlice(const OpenTrack& track, const char* name, profile::SliceKind kind, int64_t startNs,
                                    int64_t endNs);
  Status give(const LaunchLinks::Work& work);
  Result<plugins::SpoolDamage> read(const std::filesystem::path& file);
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
  SpoolTotals& m_totals;
  LaunchLinks m_links;
  std::unordered_map<uint64_t, OpenTrack> m_tracks;
  uint64_t m_lastTrackNumber = 0;
  OpenTrack* m_lastTrack = nullptr;
  std::unordered_map<const char*, profile::LabelId> m_labels;
  ShapeKey m_lastShapeKey{};
  profile::LaunchShapeId m_lastShape;
  std::unordered_map<uint64_t, profile::SliceId> m_kernels;  // by correlation, the latest few
  std::map<std::pair<uint64_t, std::string>, profile::SeriesId> m_series;
  std::optional<profile::TimelineWriter> m_writer;
  std::vector<profile::KernelCounter> m_kernelCounters;
  std::map<profile::SliceKind, std::pair<int64_t, int64_t>> m_counts;  // kept and not
  std::map<std::pair<std::string, std::string>, int64_t> m_missing;    // by what it was, and why it is not there
};

}  // namespace ridgeline::collector
