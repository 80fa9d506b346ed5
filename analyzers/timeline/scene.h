// Everything the analyzers of a timeline look at, read once. For the folder's own use.
#pragma once

#include "profile/profile.h"
#include "profile/timeline_reader.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ridgeline::analyzers {

// Half open, in ns.
struct Span {
  int64_t beginNs = 0, endNs = 0;
};

struct TrackInfo {
  profile::Track row;
  std::vector<uint32_t> slices;  // indices, by start, longer first
};

struct Scene {
  profile::Timeline timeline;
  std::vector<TrackInfo> tracks;    // by id; holes have no slices
  std::vector<std::string> labels;  // by id
  std::vector<profile::Device> devices;
  std::vector<profile::Rank> ranks;
  std::vector<profile::Run> runs;
  std::vector<profile::Roof> roofs;
  std::vector<profile::LaunchShape> shapes;
  std::unordered_map<int64_t, profile::Operator> operators;

  const profile::TimelineSlice& slice(uint32_t index) const { return timeline.slices[index]; }
  std::string_view labelOf(uint32_t index) const;
  const profile::Track& trackOf(uint32_t index) const { return tracks[slice(index).track].row; }
  // Indices of what ran on a device's streams, by start.
  std::vector<uint32_t> workOn(profile::DeviceId device) const;
  bool timed(profile::RankId rank) const;  // false: its slices stand end to end
};

Result<Scene> readScene(const profile::Profile& profile);

// "GPU 0 of rank 1", or its name when there is one device only.
std::string nameOfDevice(const Scene& scene, profile::DeviceId device);

bool isCommunication(std::string_view kernel);
// A call in which the host waits for a device: "cudaStreamSynchronize", a blocking copy.
bool isWait(std::string_view call);

// The union of spans that are sorted by begin.
std::vector<Span> unite(const std::vector<Span>& spans);
int64_t lengthOf(const std::vector<Span>& disjoint);
// Of two unions.
int64_t overlapOf(const std::vector<Span>& a, const std::vector<Span>& b);

}  // namespace ridgeline::analyzers
