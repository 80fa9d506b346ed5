#include "profile/level_spans.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace ridgeline::profile::levels {
namespace {

tl::unexpected<Error> damaged(const Profile& profile) {
  return badInput(fmt::format("{} is damaged: its levels of detail make no sense", profile.name()),
                  "delete the row levels_version of its table meta; they are made anew");
}

template <class T>
T take(const char*& at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  at += sizeof(value);
  return value;
}

bool parseOpen(const std::vector<std::string>& texts, std::vector<std::pair<int64_t, int>>& open) {
  for (const auto& text : texts) {
    const auto space = text.find(' ');
    if (space == std::string::npos) return false;
    const char* end = text.data() + text.size();
    std::pair<int64_t, int> entry;
    const auto a = std::from_chars(text.data(), text.data() + space, entry.first);
    const auto b = std::from_chars(text.data() + space + 1, end, entry.second);
    if (a.ec != std::errc() || b.ec != std::errc() || b.ptr != end || entry.second < 0 || entry.second >= kMaxLanes)
      return false;
    open.push_back(entry);
  }
  return true;
}

int64_t integerOf(const Cell& cell) {
  const auto* value = std::get_if<int64_t>(&cell);
  return value == nullptr ? 0 : *value;
}

}  // namespace

Result<Reader> Reader::open(const Profile& slices, const Profile& levels) {
  Reader reader(slices, levels);
  auto tracks = levels.all<LevelTrack>();
  if (!tracks) return passOn(tracks);
  for (const auto& track : *tracks) {
    if (track.lanes < 1 || track.lanes > kMaxLanes || track.endNs < track.startNs) return damaged(levels);
    reader.m_index[track.track.value];
  }
  reader.m_tracks = std::move(*tracks);
  if (auto s = reader.loadBlocks(); !s) return passOn(s);
  if (auto s = reader.loadMarks(); !s) return passOn(s);
  return reader;
}

Status Reader::loadBlocks() {
  return m_levels->query(
      "SELECT track, level, id, start_ns, end_ns FROM level_block ORDER BY track, level, start_ns, id",
      [](const auto&) {},
      [&](const auto& cells) {
        const auto it = m_index.find(integerOf(cells[0]));
        if (it == m_index.end()) return true;
        auto& levels = it->second.levels;
        const int64_t level = std::clamp<int64_t>(integerOf(cells[1]), 0, 30);
        if (levels.empty() || levels.back().first != level) levels.push_back({level, {}});
        levels.back().second.push_back({integerOf(cells[2]), integerOf(cells[3]), integerOf(cells[4])});
        return true;
      });
}

Status Reader::loadMarks() {
  auto marks = m_levels->all<LevelMark>();
  if (!marks) return passOn(marks);
  for (const auto& row : *marks) {
    const auto it = m_index.find(row.track.value);
    if (it == m_index.end()) continue;
    Mark mark{row.startNs, {}};
    if (!parseOpen(row.open, mark.open)) return damaged(*m_levels);
    it->second.marks.push_back(std::move(mark));
  }
  for (auto& [track, index] : m_index) {
    std::stable_sort(index.marks.begin(), index.marks.end(),
                     [](const Mark& a, const Mark& b) { return a.startNs < b.startNs; });
  }
  return {};
}

Status Reader::decode(const Block& block, std::vector<Span>& out) const {
  auto bytes = m_levels->blob("level_block", "spans", block.id);
  if (!bytes) return passOn(bytes);
  if (bytes->size() % kSpanBytes != 0) return damaged(*m_levels);
  const char* at = bytes->data();
  for (size_t i = 0; i < bytes->size() / kSpanBytes; ++i) {
    Span span;
    span.startNs = take<int64_t>(at), span.endNs = take<int64_t>(at), span.busyNs = take<int64_t>(at);
    span.longestNs = take<int64_t>(at);
    span.slice = take<int64_t>(at), span.name = take<int64_t>(at);
    span.count = take<uint32_t>(at), span.lane = take<uint16_t>(at);
    const auto kind = take<uint16_t>(at);
    constexpr int64_t kFar = int64_t{1} << 61;
    if (span.startNs < -kFar || span.endNs > kFar || span.endNs < span.startNs || span.count == 0 ||
        span.lane >= kMaxLanes || kind > static_cast<uint16_t>(SliceKind::Other))
      return damaged(*m_levels);
    span.kind = static_cast<SliceKind>(kind);
    out.push_back(span);
  }
  return {};
}

// The slices themselves, in their lanes: from the last mark before the window, with what was open there.
Status Reader::slicesOf(TrackId track, const Track& index, int64_t fromNs, int64_t toNs, std::vector<Span>& out) const {
  Lanes lanes;
  int64_t begin = std::numeric_limits<int64_t>::min();
  const auto after = std::upper_bound(index.marks.begin(), index.marks.end(), fromNs,
                                      [](int64_t at, const Mark& mark) { return at < mark.startNs; });
  if (after != index.marks.begin()) {
    const Mark& mark = *std::prev(after);
    begin = mark.startNs;
    std::unordered_map<int64_t, int> laneOf(mark.open.begin(), mark.open.end());
    std::vector<int64_t> ids;
    for (const auto& [id, lane] : mark.open) ids.push_back(id);
    auto read = readSlices(*m_slices, ids, [&](const Span& slice) {
      Span open = slice;
      open.lane = static_cast<uint16_t>(laneOf[slice.slice]);
      lanes.occupy(open.lane, open.endNs);
      if (open.endNs > fromNs) out.push_back(open);
      return true;
    });
    if (!read) return read;
  }
  return readSlices(*m_slices, track, begin, toNs, nullptr, [&](const Span& slice) {
    Span placed = slice;
    placed.lane = static_cast<uint16_t>(lanes.place(slice.startNs, slice.endNs));
    if (placed.endNs >= fromNs) out.push_back(placed);
    return true;
  });
}

Result<std::vector<Span>> Reader::spans(TrackId track, int64_t fromNs, int64_t toNs, int64_t resolutionNs) const {
  std::vector<Span> found;
  const auto it = m_index.find(track.value);
  if (it == m_index.end() || toNs <= fromNs) return found;
  const std::vector<Block>* blocks = nullptr;  // of the coarsest level that is fine enough
  for (const auto& [level, ofLevel] : it->second.levels) {
    if ((int64_t{1} << (2 * level)) <= resolutionNs) blocks = &ofLevel;
  }
  if (blocks == nullptr) {
    if (auto s = slicesOf(track, it->second, fromNs, toNs, found); !s) return passOn(s);
  } else {
    for (const auto& block : *blocks) {
      if (block.startNs >= toNs) break;
      if (block.endNs < fromNs) continue;
      if (auto s = decode(block, found); !s) return passOn(s);
    }
  }
  std::erase_if(found, [&](const Span& span) { return span.endNs < fromNs || span.startNs >= toNs; });
  if (resolutionNs > 1) return merged(found, resolutionNs);
  sortByStart(found);
  return found;
}

}  // namespace ridgeline::profile::levels
