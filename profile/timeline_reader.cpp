#include "profile/timeline_reader.h"

#include "profile/profile_impl.h"
#include "profile/timeline_columns.h"

#include <algorithm>

namespace ridgeline::profile {
namespace {

using sqlite::Statement;

// Texts of slice.kind differ in their first two letters.
SliceKind kindOf(const unsigned char* text) {
  if (text == nullptr || text[0] == 0) return SliceKind::Other;
  switch (text[0]) {
    case 'k':
      return SliceKind::Kernel;
    case 'c':
      return text[1] == 'o' ? SliceKind::Copy : SliceKind::Call;
    case 's':
      return text[1] == 'e' ? SliceKind::Set : SliceKind::Sync;
    case 'r':
      return SliceKind::Range;
    case 'f':
      return SliceKind::Frame;
    case 'o':
      return text[1] == 'p' ? SliceKind::Operator : SliceKind::Other;
    default:
      return SliceKind::Other;
  }
}

uint32_t small(sqlite3_stmt* s, int column) { return static_cast<uint32_t>(sqlite3_column_int64(s, column)); }

Status readSlices(const sqlite::Connection& db, Timeline& out) {
  auto rows = Statement::prepare(
      db, "SELECT id, track, label, run, operator, start_ns, duration_ns, kind FROM slice ORDER BY id");
  if (!rows) return passOn(rows);
  auto* s = rows->handle();
  bool counting = true;
  for (;;) {
    auto more = rows->step();
    if (!more) return passOn(more);
    if (!*more) break;
    const int64_t id = sqlite3_column_int64(s, 0);
    if (counting && id != static_cast<int64_t>(out.slices.size()) + 1) {
      counting = false;
      for (size_t i = 0; i < out.slices.size(); ++i) out.ids.push_back(static_cast<int64_t>(i) + 1);
    }
    if (!counting) out.ids.push_back(id);
    TimelineSlice slice{sqlite3_column_int64(s, 5), std::max<int64_t>(0, sqlite3_column_int64(s, 6))};
    slice.track = small(s, 1), slice.label = small(s, 2), slice.run = small(s, 3), slice.op = small(s, 4);
    slice.kind = kindOf(sqlite3_column_text(s, 7));
    out.slices.push_back(slice);
  }
  return {};
}

uint32_t indexOf(const Timeline& timeline, int64_t id) {
  if (id <= 0) return kNoSlice;
  if (timeline.ids.empty())
    return id <= static_cast<int64_t>(timeline.slices.size()) ? static_cast<uint32_t>(id - 1) : kNoSlice;
  const auto it = std::lower_bound(timeline.ids.begin(), timeline.ids.end(), id);
  if (it == timeline.ids.end() || *it != id) return kNoSlice;
  return static_cast<uint32_t>(it - timeline.ids.begin());
}

Status readWorks(const sqlite::Connection& db, const char* sql, Timeline& out) {
  auto rows = Statement::prepare(db, sql);
  if (!rows) return passOn(rows);
  auto* s = rows->handle();
  for (;;) {
    auto more = rows->step();
    if (!more) return passOn(more);
    if (!*more) return {};
    const uint32_t slice = indexOf(out, sqlite3_column_int64(s, 0));
    if (slice == kNoSlice || out.slices[slice].work != kNoSlice) continue;
    out.slices[slice].work = static_cast<uint32_t>(out.works.size());
    out.works.push_back(
        {slice, indexOf(out, sqlite3_column_int64(s, 1)), indexOf(out, sqlite3_column_int64(s, 2)), small(s, 3)});
  }
}

}  // namespace

Result<Timeline> TimelineReader::read(const Profile& profile) {
  const auto& db = profile.m_impl->db;
  Timeline out;
  auto count = db.integer("SELECT COALESCE(MAX(id), 0) FROM slice");
  if (!count) return passOn(count);
  if (*count < 0 || *count >= kNoSlice) return badInput(fmt::format("{} has too many slices", profile.name()));
  if (auto s = readSlices(db, out); !s) return passOn(s);
  if (auto s = readWorks(db, "SELECT slice, launch, caller, shape FROM kernel", out); !s) return passOn(s);
  if (auto s = readWorks(db, "SELECT slice, launch, caller, 0 FROM copy", out); !s) return passOn(s);
  return out;
}

Result<Timeline> readTimeline(const Profile& profile) { return TimelineReader::read(profile); }

}  // namespace ridgeline::profile
