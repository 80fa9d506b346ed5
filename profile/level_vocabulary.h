// Rows that hold a timeline's levels of detail; levels.h writes and reads them.
#pragma once

#include "profile/vocabulary.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ridgeline::profile {

// A node of the file reads what another makes.
struct NodeEdge {
  NodeId source, target;
};

// A track that has levels. Slices that overlap are drawn in lanes: each takes the first one that is free.
struct LevelTrack {
  TrackId track;
  int64_t slices = 0;
  int64_t lanes = 0;
  int64_t startNs = 0, endNs = 0;
};

struct Blob {
  std::string bytes;
};

// Some spans of a track at a level, by start. Level n tells apart what is 4^n ns long.
struct LevelBlock {
  LevelBlockId id;
  TrackId track;
  int64_t level = 0;
  int64_t startNs = 0, endNs = 0;  // of the first start, of the last end
  int64_t count = 0;
  Blob spans;
};

// Where reading the slices themselves may begin: those that start at or after startNs, and the ones still open then.
struct LevelMark {
  LevelMarkId id;
  TrackId track;
  int64_t startNs = 0;
  std::vector<std::string> open;  // "SLICE LANE"
};

}  // namespace ridgeline::profile
