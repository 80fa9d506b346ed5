// The part of TimelineWriter that connects what was written: pairs are gathered in temporary tables, which SQLite keeps
// outside the memory of this process, and applied in one go.
#include "profile/profile_impl.h"
#include "profile/timeline_writer.h"

#include <algorithm>
#include <thread>

namespace ridgeline::profile {

Status TimelineWriter::pair(sqlite3_stmt*& statement, const char* table, int64_t key, int64_t value) {
  if (!statement) {
    const auto create = fmt::format(
        "DROP TABLE IF EXISTS temp.{0}; CREATE TEMP TABLE {0} (key INTEGER PRIMARY KEY, value INTEGER)", table);
    if (auto made = m_impl->db.execute(create); !made) return made;
    const auto insert = fmt::format("INSERT OR REPLACE INTO temp.{} (key, value) VALUES (?, ?)", table);
    const int rc =
        sqlite3_prepare_v3(m_impl->db.handle(), insert.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (rc != SQLITE_OK) return tl::unexpected<Error>(m_impl->db.error(rc, "write"));
  }
  sqlite3_bind_int64(statement, 1, key);
  sqlite3_bind_int64(statement, 2, value);
  return run(statement);
}

Status TimelineWriter::link(sqlite3_stmt*& statement, const char* sql) {
  if (!statement) return {};
  sqlite3_finalize(std::exchange(statement, nullptr));
  if (auto written = flush(); !written) return written;
  return m_impl->db.execute(sql);
}

Status TimelineWriter::caller(SliceId call, SliceId caller) {
  return pair(m_callers, "caller_of_call", call.value, caller.value);
}

Status TimelineWriter::linkCallers() {
  return link(m_callers,
              "UPDATE kernel SET caller = c.value FROM temp.caller_of_call c WHERE c.key = kernel.launch; "
              "UPDATE copy SET caller = c.value FROM temp.caller_of_call c WHERE c.key = copy.launch; "
              "DROP TABLE temp.caller_of_call");
}

Status TimelineWriter::operatorOf(SliceId slice, OperatorId op) {
  return pair(m_operators, "operator_of_slice", slice.value, op.value);
}

Status TimelineWriter::linkOperators() {
  return link(m_operators,
              "UPDATE slice SET operator = o.value FROM temp.operator_of_slice o WHERE o.key = slice.id; "
              "UPDATE slice SET operator = o.value FROM kernel k JOIN temp.operator_of_slice o ON o.key = k.caller "
              "WHERE k.slice = slice.id; "
              "UPDATE slice SET operator = o.value FROM copy k JOIN temp.operator_of_slice o ON o.key = k.caller "
              "WHERE k.slice = slice.id; "
              "DROP TABLE temp.operator_of_slice");
}

Status TimelineWriter::dropTimeIndex() { return m_impl->db.execute("DROP INDEX IF EXISTS slice_by_time"); }

Status TimelineWriter::buildTimeIndex() {
  if (auto written = flush(); !written) return written;
  // One thread beside SQLite's own does not pay: it only waits for the other.
  const auto threads = std::min(std::thread::hardware_concurrency(), 4U);
  return m_impl->db.execute(
      fmt::format("PRAGMA threads = {}; CREATE INDEX IF NOT EXISTS slice_by_time ON slice (track, start_ns); "
                  "PRAGMA threads = 0",
                  threads > 1 ? threads : 0));
}

}  // namespace ridgeline::profile
