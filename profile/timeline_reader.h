// A profile's timeline in memory, compact: millions of slices and what is known of those on accelerators.
#pragma once

#include "profile/profile.h"
#include "profile/timeline_vocabulary.h"

#include <cstdint>
#include <vector>

namespace ridgeline::profile {

inline constexpr uint32_t kNoSlice = 0xffffffff;

// 40 bytes. Ids that are 0 stand for none, as in the file.
struct TimelineSlice {
  int64_t startNs = 0;
  int64_t durationNs = 0;
  uint32_t track = 0;        // track.id
  uint32_t label = 0;        // label.id
  uint32_t run = 0;          // run.id
  uint32_t op = 0;           // operator.id
  uint32_t work = kNoSlice;  // index into Timeline::works
  SliceKind kind = SliceKind::Operator;
  int64_t endNs() const { return startNs + durationNs; }
};

// Of a kernel, a copy or a set. Slices are indices into Timeline::slices.
struct TimelineWork {
  uint32_t slice = 0;
  uint32_t launch = kNoSlice, caller = kNoSlice;
  uint32_t shape = 0;  // launch_shape.id; of kernels
};

struct Timeline {
  std::vector<TimelineSlice> slices;  // by id
  std::vector<int64_t> ids;           // of the slices; empty: 1, 2, 3, ...
  std::vector<TimelineWork> works;
  SliceId idOf(uint32_t index) const {
    if (index == kNoSlice) return {};
    return SliceId{ids.empty() ? index + 1LL : ids[index]};
  }
};

Result<Timeline> readTimeline(const Profile& profile);

class TimelineReader {
 public:
  static Result<Timeline> read(const Profile& profile);
};

}  // namespace ridgeline::profile
