// Levels of detail of a timeline: made once, kept in the profile, read window by window. What a window gives is at most
// a few spans a pixel, however many slices there are.
//
//   if (!levels::areThere(profile)) levels::make(profile, profile, job);
//   auto reader = levels::Reader::open(profile, profile);
//   auto spans = reader->spans(track, fromNs, toNs, nsPerPixel);
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "profile/level_vocabulary.h"
#include "profile/profile.h"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace ridgeline::profile::levels {

// One slice, or several neighbours in a lane that cannot be told apart at the resolution asked for.
struct Span {
  int64_t startNs = 0, endNs = 0;
  int64_t busyNs = 0;     // of the time between, when any of them ran
  int64_t longestNs = 0;  // of one of them
  int64_t slice = 0;      // SliceId of that one
  int64_t name = 0;       // its name: a LabelId, or minus an OperatorId; 0: none
  uint32_t count = 1;
  uint16_t lane = 0;
  SliceKind kind = SliceKind::Operator;
};

// Timelines of fewer slices have their levels made in memory whenever they are opened.
inline constexpr int64_t kWorthKeeping = 300'000;

// More lanes than this are drawn into the last one.
inline constexpr int kMaxLanes = 48;

// True when `profile` holds levels that this version reads.
bool areThere(const Profile& profile);

// Writes the levels of `from`'s slices into `to`, which may be `from` itself, or a profile in memory where that cannot
// be written. What was there is replaced. Progress counts slices.
Status make(const Profile& from, Profile& to, Job job);

class Reader {
 public:
  // Both outlive the reader and are used by its thread only. BadInput when the levels are damaged.
  static Result<Reader> open(const Profile& slices, const Profile& levels);

  const std::vector<LevelTrack>& tracks() const { return m_tracks; }
  // The spans of a track that touch [fromNs, toNs), by start; neighbours nearer than `resolutionNs` are one.
  Result<std::vector<Span>> spans(TrackId track, int64_t fromNs, int64_t toNs, int64_t resolutionNs) const;

 private:
  struct Block {
    int64_t id = 0, startNs = 0, endNs = 0;
  };
  struct Mark {
    int64_t startNs = 0;
    std::vector<std::pair<int64_t, int>> open;
  };
  struct Track {
    std::vector<std::pair<int64_t, std::vector<Block>>> levels;  // by level, finest first
    std::vector<Mark> marks;
  };
  Reader(const Profile& slices, const Profile& levels) : m_slices(&slices), m_levels(&levels) {}
  Status loadBlocks();
  Status loadMarks();
  Status decode(const Block& block, std::vector<Span>& out) const;
  Status slicesOf(TrackId track, const Track& index, int64_t fromNs, int64_t toNs, std::vector<Span>& out) const;

  const Profile* m_slices;
  const Profile* m_levels;
  std::vector<LevelTrack> m_tracks;
  std::unordered_map<int64_t, Track> m_index;
};

// Makes one span of neighbours within `resolutionNs`, lane by lane. In and out by start.
std::vector<Span> merged(std::span<const Span> spans, int64_t resolutionNs);

// The lanes of a track: feed slices by start, the longer first.
class Lanes {
 public:
  int place(int64_t startNs, int64_t endNs);
  // For reading from the middle: a slice that is open already.
  void occupy(int lane, int64_t endNs);
  int count() const { return static_cast<int>(m_ends.size()); }

 private:
  std::vector<int64_t> m_ends;
};

}  // namespace ridgeline::profile::levels
