#include "profile/level_spans.h"

#include <algorithm>
#include <limits>

namespace ridgeline::profile::levels {
namespace {

constexpr int64_t kFar = int64_t{1} << 60;  // sums and differences of times within have room
constexpr std::string_view kColumns =
    "SELECT id, start_ns, duration_ns, COALESCE(label, -operator, 0), kind FROM slice ";

int64_t integerOf(const Cell& cell) {
  const auto* value = std::get_if<int64_t>(&cell);
  return value == nullptr ? 0 : *value;
}

SliceKind kindOf(const Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  for (int i = 0; text != nullptr && i <= static_cast<int>(SliceKind::Other); ++i) {
    if (nameOf(static_cast<SliceKind>(i)) == *text) return static_cast<SliceKind>(i);
  }
  return SliceKind::Other;
}

Status run(const Profile& profile, const std::string& sql, const StopFlag* stop,
           const std::function<bool(const Span&)>& slice) {
  return profile.query(
      sql, [](const auto&) {},
      [&](const std::vector<Cell>& cells) {
        Span span;
        span.slice = integerOf(cells[0]);
        span.startNs = integerOf(cells[1]);
        span.busyNs = integerOf(cells[2]);
        if (span.startNs < -kFar || span.startNs > kFar || span.busyNs < 0 || span.busyNs > kFar) return true;
        span.longestNs = span.busyNs;
        span.endNs = span.startNs + span.busyNs;
        span.name = integerOf(cells[3]);
        span.kind = kindOf(cells[4]);
        return slice(span);
      },
      stop);
}

}  // namespace

Status readSlices(const Profile& profile, TrackId track, int64_t fromNs, int64_t toNs, const StopFlag* stop,
                  const std::function<bool(const Span&)>& slice) {
  return run(
      profile,
      fmt::format("{} WHERE track = {} AND start_ns >= {} AND start_ns < {} ORDER BY start_ns, duration_ns DESC, id",
                  kColumns, track.value, fromNs, toNs),
      stop, slice);
}

Status readSlices(const Profile& profile, const std::vector<int64_t>& ids,
                  const std::function<bool(const Span&)>& slice) {
  if (ids.empty()) return {};
  std::string list;
  for (const auto id : ids) list += (list.empty() ? "" : ",") + std::to_string(id);
  return run(profile, fmt::format("{} WHERE id IN ({})", kColumns, list), nullptr, slice);
}

int Lanes::place(int64_t startNs, int64_t endNs) {
  size_t lane = 0;
  while (lane < m_ends.size() && m_ends[lane] > startNs && lane + 1 < kMaxLanes) ++lane;
  occupy(static_cast<int>(lane), endNs);
  return static_cast<int>(lane);
}

void Lanes::occupy(int lane, int64_t endNs) {
  const auto at = static_cast<size_t>(lane);
  if (at >= m_ends.size()) m_ends.resize(at + 1, std::numeric_limits<int64_t>::min());
  m_ends[at] = std::max(m_ends[at], endNs);
}

void Merger::add(const Span& span) {
  if (span.lane >= m_open.size()) {
    Span none;
    none.count = 0;
    m_open.resize(size_t{span.lane} + 1, none);
  }
  Span& open = m_open[span.lane];
  const bool joins = open.count > 0 && span.endNs - open.startNs <= m_resolution;
  if (!joins) {
    if (open.count > 0) m_out->push_back(open);
    open = span;
    return;
  }
  // The name that stands for all of them is the longest one's.
  if (span.longestNs > open.longestNs) {
    open.longestNs = span.longestNs;
    open.slice = span.slice, open.name = span.name, open.kind = span.kind;
  }
  open.endNs = std::max(open.endNs, span.endNs);
  open.busyNs = std::min(open.busyNs + span.busyNs, open.endNs - open.startNs);
  open.count = span.count > std::numeric_limits<uint32_t>::max() - open.count ? std::numeric_limits<uint32_t>::max()
                                                                              : open.count + span.count;
}

void Merger::finish() {
  for (auto& open : m_open) {
    if (open.count > 0) m_out->push_back(open);
    open.count = 0;
  }
}

void sortByStart(std::vector<Span>& spans) {
  std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.startNs != b.startNs ? a.startNs < b.startNs : a.lane < b.lane;
  });
}

std::vector<Span> merged(std::span<const Span> spans, int64_t resolutionNs) {
  std::vector<Span> out;
  Merger merger(resolutionNs, out);
  for (const auto& span : spans) merger.add(span);
  merger.finish();
  sortByStart(out);
  return out;
}

}  // namespace ridgeline::profile::levels
