// Making levels. The slices of a track are read once; what is kept in memory is the finest level worth keeping.
#include "profile/level_spans.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ridgeline::profile::levels {
namespace {

static_assert(std::endian::native == std::endian::little, "spans are written as they lie in memory");
static_assert(sizeof(int64_t) * 6 + sizeof(uint32_t) + 2 * sizeof(uint16_t) == kSpanBytes);

constexpr int kFirstLevel = 3;      // 64 ns: what is shorter is no slice of interest
constexpr int kLastLevel = 30;      // 4^30 ns are 36 years
constexpr int64_t kSmall = 2048;    // a track of so few slices needs no levels
constexpr int64_t kWorthIt = 8;     // the finest level has this many times fewer spans than there are slices
constexpr size_t kFewEnough = 512;  // spans of the coarsest level

int64_t resolutionOf(int level) { return int64_t{1} << (2 * level); }

void append(std::string& bytes, const Span& span) {
  const auto put = [&](const auto& value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof(value)); };
  put(span.startNs), put(span.endNs), put(span.busyNs), put(span.longestNs), put(span.slice), put(span.name);
  put(span.count), put(span.lane), put(static_cast<uint16_t>(span.kind));
}

// The finest level that is small enough. Begins with the first, and goes on to the next whenever it has grown too
// large, merging what was kept so far.
class FinestLevel {
 public:
  explicit FinestLevel(int64_t slices) : m_limit(static_cast<size_t>(std::max(slices / kWorthIt, kSmall))) {}
  void add(const Span& span) {
    m_merger.add(span);
    while (m_spans.size() > m_limit && m_level < kLastLevel) coarsen();
  }
  int finish() {
    m_merger.finish();
    sortByStart(m_spans);
    return m_level;
  }
  std::vector<Span>& spans() { return m_spans; }

 private:
  void coarsen() {
    m_merger.finish();
    ++m_level;
    std::vector<Span> finer;
    finer.swap(m_spans);
    // Within a lane the order is kept, which is all that merging needs.
    m_merger = Merger(resolutionOf(m_level), m_spans);
    for (const auto& span : finer) m_merger.add(span);
  }
  size_t m_limit;
  int m_level = kFirstLevel;
  std::vector<Span> m_spans;
  Merger m_merger{resolutionOf(kFirstLevel), m_spans};
};

// Notes now and then what is open.
class Marks {
 public:
  explicit Marks(TrackId track) : m_track(track) {}
  // Before the slice has its lane.
  void before(const Span& slice) {
    if (++m_since > kSlicesBetweenMarks && slice.startNs > m_lastStart) {
      std::erase_if(m_open, [&](const Span& open) { return open.endNs <= slice.startNs; });
      LevelMark mark{.track = m_track, .startNs = slice.startNs};
      for (const auto& open : m_open) mark.open.push_back(fmt::format("{} {}", open.slice, open.lane));
      m_marks.push_back(std::move(mark));
      m_since = 0;
    }
    m_lastStart = slice.startNs;
  }
  void after(const Span& slice) {
    // One slice a lane is enough: of what lies in a lane only the last can be open. The last lane is the exception.
    const auto it =
        std::find_if(m_open.begin(), m_open.end(), [&](const Span& open) { return open.lane == slice.lane; });
    if (it == m_open.end()) {
      m_open.push_back(slice);
    } else if (slice.endNs >= it->endNs) {
      *it = slice;
    }
  }
  const std::vector<LevelMark>& rows() const { return m_marks; }

 private:
  TrackId m_track;
  std::vector<LevelMark> m_marks;
  std::vector<Span> m_open;
  int64_t m_since = 0, m_lastStart = std::numeric_limits<int64_t>::min();
};

Status writeLevel(Profile& to, TrackId track, int level, const std::vector<Span>& spans) {
  std::vector<LevelBlock> blocks;
  for (size_t from = 0; from < spans.size(); from += kSpansInBlock) {
    const size_t end = std::min(spans.size(), from + kSpansInBlock);
    LevelBlock block{.track = track, .level = level, .startNs = spans[from].startNs, .endNs = spans[from].endNs};
    block.count = static_cast<int64_t>(end - from);
    block.spans.bytes.reserve((end - from) * kSpanBytes);
    for (size_t i = from; i < end; ++i) {
      append(block.spans.bytes, spans[i]);
      block.endNs = std::max(block.endNs, spans[i].endNs);
    }
    blocks.push_back(std::move(block));
  }
  return to.addAll(blocks);
}

Status writeLevels(Profile& to, TrackId track, int level, std::vector<Span> spans) {
  if (auto s = writeLevel(to, track, level, spans); !s) return s;
  size_t written = spans.size();
  while (written > kFewEnough && level < kLastLevel) {
    spans = merged(spans, resolutionOf(++level));
    if (static_cast<double>(spans.size()) > 0.6 * static_cast<double>(written)) continue;
    if (auto s = writeLevel(to, track, level, spans); !s) return s;
    written = spans.size();
  }
  return {};
}

// Tells how far all tracks together are.
struct Count {
  Progress& progress;
  int64_t done = 0, all = 0;
  void add() {
    if ((++done & 0xffff) == 0)
      progress.fraction(static_cast<double>(done) / static_cast<double>(std::max<int64_t>(1, all)));
  }
};

Status makeTrack(const Profile& from, Profile& to, const LevelTrack& planned, Count& count, const StopFlag& stop) {
  LevelTrack track = planned;
  FinestLevel finest(track.slices);
  Marks marks(track.track);
  Lanes lanes;
  bool any = false;
  auto read = readSlices(from, track.track, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(),
                         &stop, [&](const Span& slice) {
                           Span placed = slice;
                           marks.before(slice);
                           placed.lane = static_cast<uint16_t>(lanes.place(slice.startNs, slice.endNs));
                           marks.after(placed);
                           finest.add(placed);
                           track.startNs = any ? std::min(track.startNs, slice.startNs) : slice.startNs;
                           track.endNs = any ? std::max(track.endNs, slice.endNs) : slice.endNs;
                           any = true;
                           count.add();
                           return true;
                         });
  if (!read) return read;
  if (!any) return {};
  track.lanes = lanes.count();
  if (auto s = to.addAll(std::vector<LevelTrack>{track}); !s) return s;
  if (track.slices <= kSmall) return {};
  if (auto s = to.addAll(marks.rows()); !s) return s;
  const int level = finest.finish();
  return writeLevels(to, track.track, level, std::move(finest.spans()));
}

Result<std::vector<LevelTrack>> tracksOf(const Profile& from) {
  auto rows = from.query("SELECT track, COUNT(*) FROM slice GROUP BY track");
  if (!rows) return passOn(rows);
  std::vector<LevelTrack> tracks;
  for (const auto& row : rows->rows) {
    const auto *track = std::get_if<int64_t>(&row[0]), *count = std::get_if<int64_t>(&row[1]);
    if (track != nullptr && count != nullptr) tracks.push_back({.track = TrackId{*track}, .slices = *count});
  }
  return tracks;
}

}  // namespace

bool areThere(const Profile& profile) { return profile.metaValue(kVersionKey) == std::string(kVersion); }

Status make(const Profile& from, Profile& to, Job job) {
  job.progress.phase("prepare the timeline");
  auto transaction = to.begin();
  if (!transaction) return passOn(transaction);
  if (auto s = to.clear<LevelTrack>(); !s) return s;
  if (auto s = to.clear<LevelBlock>(); !s) return s;
  if (auto s = to.clear<LevelMark>(); !s) return s;
  auto tracks = tracksOf(from);
  if (!tracks) return passOn(tracks);
  Count count{job.progress};
  for (const auto& track : *tracks) count.all += track.slices;
  for (const auto& track : *tracks) {
    if (auto s = makeTrack(from, to, track, count, job.stop); !s) return s;
  }
  if (auto s = to.setMeta(kVersionKey, kVersion); !s) return s;
  return transaction->commit();
}

}  // namespace ridgeline::profile::levels
