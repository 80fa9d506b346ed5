// What making and reading levels share: merging spans one by one, and the query for slices. For the library's own use.
#pragma once

#include "profile/levels.h"

#include <functional>
#include <string>

namespace ridgeline::profile::levels {

inline constexpr std::string_view kVersionKey = "levels_version";
inline constexpr std::string_view kVersion = "1";
inline constexpr int64_t kSpansInBlock = 1024;
inline constexpr int64_t kSlicesBetweenMarks = 4096;
inline constexpr size_t kSpanBytes = 56;

// Takes spans by start and hands out merged ones, each lane by start.
class Merger {
 public:
  Merger(int64_t resolutionNs, std::vector<Span>& out) : m_resolution(resolutionNs), m_out(&out) {}
  void add(const Span& span);
  void finish();

 private:
  int64_t m_resolution;
  std::vector<Span>* m_out;
  std::vector<Span> m_open;  // by lane; count 0: none
};

void sortByStart(std::vector<Span>& spans);

// Slices of a track by start, the longer first, from a time on and before another. Those whose times make no sense are
// left out. `slice` until it returns false; its lane is not set.
Status readSlices(const Profile& profile, TrackId track, int64_t fromNs, int64_t toNs, const StopFlag* stop,
                  const std::function<bool(const Span&)>& slice);
// Slices by their ids.
Status readSlices(const Profile& profile, const std::vector<int64_t>& ids,
                  const std::function<bool(const Span&)>& slice);

}  // namespace ridgeline::profile::levels
