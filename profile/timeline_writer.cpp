#include "profile/timeline_writer.h"

#include "profile/profile_impl.h"
#include "profile/timeline_columns.h"

namespace ridgeline::profile {
namespace {

template <class Tag>
void bindId(sqlite3_stmt* statement, int index, Id<Tag> id) {
  id ? sqlite3_bind_int64(statement, index, id.value) : sqlite3_bind_null(statement, index);
}
void bindNumber(sqlite3_stmt* statement, int index, const std::optional<int64_t>& value) {
  value ? sqlite3_bind_int64(statement, index, *value) : sqlite3_bind_null(statement, index);
}
template <class E>
void bindName(sqlite3_stmt* statement, int index, E value) {
  const auto name = kNames<E>[static_cast<size_t>(value)];  // lives as long as the program
  sqlite3_bind_text(statement, index, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
}

}  // namespace

Result<TimelineWriter> TimelineWriter::open(Profile& profile) {
  auto* impl = profile.m_impl.get();
  if (impl->depth != 0) return internalError("a timeline writer inside a transaction");
  TimelineWriter writer(impl);
  if (auto s = writer.prepare(); !s) return passOn(s);
  return writer;
}

Status TimelineWriter::prepare() {
  if (auto s = m_impl->db.execute("PRAGMA foreign_keys = OFF"); !s) return s;
  const auto make = [&](const char* sql, sqlite3_stmt*& out) -> Status {
    const int rc = sqlite3_prepare_v3(m_impl->db.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &out, nullptr);
    if (rc != SQLITE_OK) return tl::unexpected<Error>(m_impl->db.error(rc, "write"));
    return {};
  };
  if (auto s = make("INSERT INTO label (id, text) VALUES (?, ?)", m_label); !s) return s;
  if (auto s = make("INSERT INTO slice (id, track, operator, label, run, start_ns, duration_ns, kind) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    m_slice);
      !s) {
    return s;
  }
  if (auto s = make("INSERT INTO kernel (slice, launch, caller, shape, correlation, graph_node) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    m_kernel);
      !s) {
    return s;
  }
  if (auto s = make("INSERT INTO copy (slice, launch, caller, direction, bytes, pinned, correlation) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    m_copy);
      !s) {
    return s;
  }
  return make("INSERT INTO sample (series, at_ns, value) VALUES (?, ?, ?)", m_sample);
}

TimelineWriter::TimelineWriter(TimelineWriter&& other) noexcept
    : m_impl(std::exchange(other.m_impl, nullptr)),
      m_label(std::exchange(other.m_label, nullptr)),
      m_slice(std::exchange(other.m_slice, nullptr)),
      m_kernel(std::exchange(other.m_kernel, nullptr)),
      m_copy(std::exchange(other.m_copy, nullptr)),
      m_sample(std::exchange(other.m_sample, nullptr)) {}

TimelineWriter::~TimelineWriter() {
  for (auto* statement : {m_label, m_slice, m_kernel, m_copy, m_sample}) sqlite3_finalize(statement);
  if (m_impl != nullptr) (void)m_impl->db.execute("PRAGMA foreign_keys = ON");
}

Status TimelineWriter::run(sqlite3_stmt* statement) {
  const int rc = sqlite3_step(statement);
  sqlite3_reset(statement);
  if (rc != SQLITE_DONE) return tl::unexpected<Error>(m_impl->db.error(rc, "write"));
  return {};
}

Status TimelineWriter::label(LabelId id, std::string_view text) {
  bindId(m_label, 1, id);
  sqlite3_bind_text(m_label, 2, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  return run(m_label);
}

Status TimelineWriter::slice(const Slice& row) {
  bindId(m_slice, 1, row.id);
  bindId(m_slice, 2, row.track);
  bindId(m_slice, 3, row.op);
  bindId(m_slice, 4, row.label);
  bindId(m_slice, 5, row.run);
  sqlite3_bind_int64(m_slice, 6, row.startNs);
  sqlite3_bind_int64(m_slice, 7, row.durationNs);
  bindName(m_slice, 8, row.kind);
  return run(m_slice);
}

Status TimelineWriter::kernel(const KernelLaunch& row) {
  bindId(m_kernel, 1, row.slice);
  bindId(m_kernel, 2, row.launch);
  bindId(m_kernel, 3, row.caller);
  bindId(m_kernel, 4, row.shape);
  bindNumber(m_kernel, 5, row.correlation);
  bindNumber(m_kernel, 6, row.graphNode);
  return run(m_kernel);
}

Status TimelineWriter::copy(const Copy& row) {
  bindId(m_copy, 1, row.slice);
  bindId(m_copy, 2, row.launch);
  bindId(m_copy, 3, row.caller);
  bindName(m_copy, 4, row.direction);
  bindNumber(m_copy, 5, row.bytes);
  row.pinned ? sqlite3_bind_int(m_copy, 6, *row.pinned ? 1 : 0) : sqlite3_bind_null(m_copy, 6);
  bindNumber(m_copy, 7, row.correlation);
  return run(m_copy);
}

Status TimelineWriter::sample(const Sample& row) {
  bindId(m_sample, 1, row.series);
  sqlite3_bind_int64(m_sample, 2, row.atNs);
  sqlite3_bind_double(m_sample, 3, row.value);
  return run(m_sample);
}

Status TimelineWriter::shift(int64_t ns) {
  return m_impl->db.execute(
      fmt::format("UPDATE slice SET start_ns = start_ns + {0}; UPDATE run SET start_ns = start_ns + {0}; "
                  "UPDATE sample SET at_ns = at_ns + {0}; UPDATE rank SET clock_offset_ns = clock_offset_ns + {0};",
                  ns));
}

}  // namespace ridgeline::profile
