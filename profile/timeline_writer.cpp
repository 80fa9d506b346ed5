#include "profile/timeline_writer.h"

#include "base/worker.h"
#include "profile/bulk_rows.h"
#include "profile/profile_impl.h"
#include "profile/timeline_columns.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace ridgeline::profile {
namespace {

constexpr size_t kRowsAtOnce = 1 << 14;

template <class Tag>
void giveId(sqlite3_context* out, Id<Tag> id) {
  if (id) sqlite3_result_int64(out, id.value);
}
void giveNumber(sqlite3_context* out, const std::optional<int64_t>& value) {
  if (value) sqlite3_result_int64(out, *value);
}
template <class E>
void giveName(sqlite3_context* out, E value) {
  const auto name = kNames<E>[static_cast<size_t>(value)];  // lives as long as the program
  sqlite3_result_text(out, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
}

void giveColumn(const Slice& row, int column, sqlite3_context* out) {
  switch (column) {
    case 0:
      return giveId(out, row.id);
    case 1:
      return giveId(out, row.track);
    case 2:
      return giveId(out, row.op);
    case 3:
      return giveId(out, row.label);
    case 4:
      return giveId(out, row.run);
    case 5:
      return sqlite3_result_int64(out, row.startNs);
    case 6:
      return sqlite3_result_int64(out, row.durationNs);
    default:
      return giveName(out, row.kind);
  }
}

void giveColumn(const KernelLaunch& row, int column, sqlite3_context* out) {
  switch (column) {
    case 0:
      return giveId(out, row.slice);
    case 1:
      return giveId(out, row.launch);
    case 2:
      return giveId(out, row.caller);
    case 3:
      return giveId(out, row.shape);
    case 4:
      return giveNumber(out, row.correlation);
    default:
      return giveNumber(out, row.graphNode);
  }
}

void giveColumn(const Copy& row, int column, sqlite3_context* out) {
  switch (column) {
    case 0:
      return giveId(out, row.slice);
    case 1:
      return giveId(out, row.launch);
    case 2:
      return giveId(out, row.caller);
    case 3:
      return giveName(out, row.direction);
    case 4:
      return giveNumber(out, row.bytes);
    case 5:
      if (row.pinned) sqlite3_result_int(out, *row.pinned ? 1 : 0);
      return;
    default:
      return giveNumber(out, row.correlation);
  }
}

int64_t idOf(const Slice& row) { return row.id.value; }
int64_t idOf(const KernelLaunch& row) { return row.slice.value; }
int64_t idOf(const Copy& row) { return row.slice.value; }

// Columns by their number, as bits: those that are NULL in most rows, and which of these a row has.
using Columns = uint32_t;
template <class Value>
Columns bitIf(const Value& value, int column) {
  return value ? Columns{1} << column : 0;
}

template <class Row>
constexpr Columns kOftenNull = 0;
template <>
constexpr Columns kOftenNull<Slice> = 0b10100;
template <>
constexpr Columns kOftenNull<KernelLaunch> = 0b110110;

Columns givenIn(const Slice& row) { return bitIf(row.op, 2) | bitIf(row.run, 4); }
Columns givenIn(const KernelLaunch& row) {
  return bitIf(row.launch, 1) | bitIf(row.caller, 2) | bitIf(row.correlation, 4) | bitIf(row.graphNode, 5);
}
Columns givenIn(const Copy&) { return 0; }

// Rows of one table, and the statements that insert them.
template <class Row>
struct Waiting {
  std::vector<Row> rows, given;    // gathered; handed over to be written
  BulkRows bulk;                   // those given
  sqlite3_stmt* chosen = nullptr;  // to insert them
  int64_t last = 0;

  Waiting() = default;
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    for (auto& [key, statement] : m_statements) sqlite3_finalize(statement);
  }

  // The first column is the id.
  Status attach(const sqlite::Connection& db, const std::string& table, std::vector<std::string> columns) {
    m_db = &db;
    m_table = table;
    m_columns = std::move(columns);
    bulk.column = [](const void* all, size_t row, int column, sqlite3_context* out) {
      giveColumn(static_cast<const Row*>(all)[row], column, out);
    };
    const auto names = fmt::format("{}", fmt::join(m_columns, ", "));
    if (auto s = attachRows(db, ("waiting_" + table).c_str(), names.c_str(), bulk); !s) return s;
    auto most = db.integer(fmt::format("SELECT MAX({}) FROM {}", m_columns.front(), table));
    if (!most) return passOn(most);
    last = *most;
    return {};
  }

  Status give() {
    std::swap(rows, given);
    rows.clear();
    bulk.rows = given.data();
    bulk.count = given.size();
    Columns wanted = ~kOftenNull<Row>;
    bool append = true;
    for (const auto& row : given) {
      append = append && idOf(row) == last + 1;
      last = std::max(last, idOf(row));
      wanted |= givenIn(row);
    }
    return choose(append, wanted);
  }

 private:
  // Ids that follow the last are found faster by SQLite itself. A column that is NULL in all rows is not asked for row
  // by row.
  Status choose(bool append, Columns wanted) {
    auto& statement = m_statements[{append, wanted}];
    if (!statement) {
      std::vector<std::string> selected;
      for (size_t i = 0; i < m_columns.size(); ++i) {
        const bool taken = i == 0 ? !append : (wanted >> i & 1) != 0;
        selected.push_back(taken ? m_columns[i] : "NULL");
      }
      const auto sql = fmt::format("INSERT INTO {} ({}) SELECT {} FROM waiting_{}", m_table, fmt::join(m_columns, ", "),
                                   fmt::join(selected, ", "), m_table);
      const int rc =
          sqlite3_prepare_v3(m_db->handle(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
      if (rc != SQLITE_OK) return tl::unexpected<Error>(m_db->error(rc, "write"));
    }
    chosen = statement;
    return {};
  }

  const sqlite::Connection* m_db = nullptr;
  std::string m_table;
  std::vector<std::string> m_columns;
  std::map<std::pair<bool, Columns>, sqlite3_stmt*> m_statements;
};

}  // namespace

struct WaitingRows {
  Waiting<Slice> slices;
  Waiting<KernelLaunch> kernels;
  Waiting<Copy> copies;
  Worker writing;
};

TimelineWriter::TimelineWriter(ProfileImpl* impl) : m_impl(impl), m_waiting(std::make_unique<WaitingRows>()) {}

Result<TimelineWriter> TimelineWriter::open(Profile& profile) {
  auto* impl = profile.m_impl.get();
  if (impl->depth != 0) return internalError("a timeline writer inside a transaction");
  TimelineWriter writer(impl);
  if (auto s = writer.prepare(); !s) return passOn(s);
  return writer;
}

Status TimelineWriter::prepare() {
  auto& db = m_impl->db;
  if (auto s = db.execute("PRAGMA foreign_keys = OFF"); !s) return s;
  auto& w = *m_waiting;
  if (auto s =
          w.slices.attach(db, "slice", {"id", "track", "operator", "label", "run", "start_ns", "duration_ns", "kind"});
      !s)
    return s;
  if (auto s = w.kernels.attach(db, "kernel", {"slice", "launch", "caller", "shape", "correlation", "graph_node"}); !s)
    return s;
  if (auto s =
          w.copies.attach(db, "copy", {"slice", "launch", "caller", "direction", "bytes", "pinned", "correlation"});
      !s)
    return s;
  const auto make = [&](const char* sql, sqlite3_stmt*& out) -> Status {
    const int rc = sqlite3_prepare_v3(db.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &out, nullptr);
    if (rc != SQLITE_OK) return tl::unexpected<Error>(db.error(rc, "write"));
    return {};
  };
  if (auto s = make("INSERT INTO label (id, text) VALUES (?, ?)", m_label); !s) return s;
  return make("INSERT INTO sample (series, at_ns, value) VALUES (?, ?, ?)", m_sample);
}

TimelineWriter::TimelineWriter(TimelineWriter&& other) noexcept
    : m_impl(std::exchange(other.m_impl, nullptr)),
      m_label(std::exchange(other.m_label, nullptr)),
      m_waiting(std::move(other.m_waiting)),
      m_sample(std::exchange(other.m_sample, nullptr)),
      m_callers(std::exchange(other.m_callers, nullptr)),
      m_operators(std::exchange(other.m_operators, nullptr)) {}

TimelineWriter::~TimelineWriter() {
  if (m_waiting) (void)settle();
  for (auto* statement : {m_label, m_sample, m_callers, m_operators}) sqlite3_finalize(statement);
  m_waiting.reset();
  if (m_impl == nullptr) return;
  for (const char* name : {"waiting_slice", "waiting_kernel", "waiting_copy"}) detachRows(m_impl->db, name);
  (void)m_impl->db.execute("PRAGMA foreign_keys = ON");
}

Status TimelineWriter::run(sqlite3_stmt* statement) {
  const int rc = sqlite3_step(statement);
  sqlite3_reset(statement);
  if (rc != SQLITE_DONE) return tl::unexpected<Error>(m_impl->db.error(rc, "write"));
  return {};
}

Status TimelineWriter::settle() { return m_waiting->writing.finish(); }

Status TimelineWriter::handOver() {
  if (auto done = settle(); !done) return done;
  auto& w = *m_waiting;
  if (auto s = w.slices.give(); !s) return s;
  if (auto s = w.kernels.give(); !s) return s;
  if (auto s = w.copies.give(); !s) return s;
  w.writing.begin([this, &w]() -> Status {
    const std::pair<size_t, sqlite3_stmt*> inserts[] = {{w.slices.given.size(), w.slices.chosen},
                                                        {w.kernels.given.size(), w.kernels.chosen},
                                                        {w.copies.given.size(), w.copies.chosen}};
    for (const auto& [rows, statement] : inserts) {
      if (rows == 0) continue;
      if (auto done = run(statement); !done) return done;
    }
    return {};
  });
  return {};
}

Status TimelineWriter::flush() {
  if (auto given = handOver(); !given) return given;
  return settle();
}

Status TimelineWriter::label(LabelId id, std::string_view text) {
  id ? sqlite3_bind_int64(m_label, 1, id.value) : sqlite3_bind_null(m_label, 1);
  sqlite3_bind_text(m_label, 2, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  return run(m_label);
}

Status TimelineWriter::slice(const Slice& row) {
  m_waiting->slices.rows.push_back(row);
  return m_waiting->slices.rows.size() < kRowsAtOnce ? Status() : handOver();
}

Status TimelineWriter::kernel(const KernelLaunch& row) {
  m_waiting->kernels.rows.push_back(row);
  return m_waiting->kernels.rows.size() < kRowsAtOnce ? Status() : handOver();
}

Status TimelineWriter::copy(const Copy& row) {
  m_waiting->copies.rows.push_back(row);
  return m_waiting->copies.rows.size() < kRowsAtOnce ? Status() : handOver();
}

Status TimelineWriter::sample(const Sample& row) {
  sqlite3_bind_int64(m_sample, 1, row.series.value);
  sqlite3_bind_int64(m_sample, 2, row.atNs);
  sqlite3_bind_double(m_sample, 3, row.value);
  return run(m_sample);
}

Status TimelineWriter::shift(int64_t ns) {
  if (auto written = flush(); !written) return written;
  return m_impl->db.execute(
      fmt::format("UPDATE slice SET start_ns = start_ns + {0}; UPDATE run SET start_ns = start_ns + {0}; "
                  "UPDATE sample SET at_ns = at_ns + {0}; UPDATE rank SET clock_offset_ns = clock_offset_ns + {0};",
                  ns));
}

}  // namespace ridgeline::profile
