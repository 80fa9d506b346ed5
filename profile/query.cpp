#include "profile/query.h"

#include "profile/profile.h"
#include "profile/profile_impl.h"

#include <array>

namespace ridgeline::profile {
namespace {

// Pragmas that tell and do not change, given that the connection's statement is also checked to be read-only.
bool tellsOnly(std::string_view pragma, bool hasArgument) {
  constexpr std::array<std::string_view, 8> kAboutSchema{"table_info",  "table_xinfo",  "table_list",
                                                         "index_list",  "index_info",   "foreign_key_list",
                                                         "index_xinfo", "database_list"};
  for (const auto name : kAboutSchema) {
    if (pragma == name && name != "database_list") return true;  // that one would show the absolute path
  }
  return !hasArgument && (pragma == "user_version" || pragma == "application_id" || pragma == "integrity_check" ||
                          pragma == "quick_check");
}

int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    // Asked when a table-valued function (json_each, pragma_table_info) is first used, which writes nothing. A
    // statement that would write there is not read-only, and refused for that.
    case SQLITE_UPDATE:
      return first != nullptr && std::string_view(first) == "sqlite_master" ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_PRAGMA:
      return tellsOnly(first == nullptr ? "" : first, second != nullptr) ? SQLITE_OK : SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

int stopRequested(void* stop) { return static_cast<const StopFlag*>(stop)->requested() ? 1 : 0; }

// For the time of one query the connection refuses everything else.
class ReadOnlyGuard {
 public:
  ReadOnlyGuard(sqlite3* db, const StopFlag* stop) : m_db(db) {
    sqlite3_set_authorizer(db, authorize, nullptr);
    if (stop != nullptr) sqlite3_progress_handler(db, 10000, stopRequested, const_cast<StopFlag*>(stop));
  }
  ~ReadOnlyGuard() {
    sqlite3_set_authorizer(m_db, nullptr, nullptr);
    sqlite3_progress_handler(m_db, 0, nullptr, nullptr);
  }
  ReadOnlyGuard(const ReadOnlyGuard&) = delete;
  ReadOnlyGuard& operator=(const ReadOnlyGuard&) = delete;

 private:
  sqlite3* m_db;
};

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using RawStatement = std::unique_ptr<sqlite3_stmt, Finalizer>;

tl::unexpected<Error> refused(sqlite3* db, int rc) {
  if ((rc & 0xff) == SQLITE_AUTH) {
    return fail(ErrorCode::Usage, "the query would do more than read", "use SELECT; sqlite3 can change the file");
  }
  return fail(ErrorCode::Usage, fmt::format("SQL: {}", sqlite::oneLine(sqlite3_errmsg(db))),
              "docs/profile-schema.md lists tables and columns");
}

Result<RawStatement> prepare(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  int rc = sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &raw, &tail);
  RawStatement statement(raw);
  if (rc != SQLITE_OK) return refused(db, rc);
  if (!statement) return fail(ErrorCode::Usage, "the query is empty");
  const auto rest = sql.substr(static_cast<size_t>(tail - sql.data()));
  sqlite3_stmt* next = nullptr;
  rc = sqlite3_prepare_v2(db, rest.data(), static_cast<int>(rest.size()), &next, nullptr);
  const RawStatement further(next);
  if (rc != SQLITE_OK || further) return fail(ErrorCode::Usage, "a query is one statement", "ask them one by one");
  if (sqlite3_stmt_readonly(statement.get()) == 0) return refused(db, SQLITE_AUTH);
  return statement;
}

Cell cellAt(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return std::monostate{};
    case SQLITE_INTEGER:
      return int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_BLOB:
      return fmt::format("({} bytes)", sqlite3_column_bytes(statement, column));
    default:
      break;
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  if (text == nullptr) return std::string();
  return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
}

}  // namespace

std::string textOf(const Cell& cell) {
  if (const auto* integer = std::get_if<int64_t>(&cell)) return fmt::format("{}", *integer);
  if (const auto* real = std::get_if<double>(&cell)) return fmt::format("{}", *real);
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return {};
}

Status Profile::query(std::string_view sql, const std::function<void(const std::vector<std::string>&)>& columns,
                      const std::function<bool(const std::vector<Cell>&)>& row, const StopFlag* stop) const {
  sqlite3* db = m_impl->db.handle();
  const ReadOnlyGuard guard(db, stop);
  auto statement = prepare(db, sql);
  if (!statement) return passOn(statement);
  const int count = sqlite3_column_count(statement->get());
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.emplace_back(sqlite3_column_name(statement->get(), i));
  columns(names);
  std::vector<Cell> cells(names.size());
  for (;;) {
    const int rc = sqlite3_step(statement->get());
    if (rc == SQLITE_DONE) return {};
    if ((rc & 0xff) == SQLITE_INTERRUPT) return fail(ErrorCode::Interrupted, "interrupted");
    if ((rc & 0xff) == SQLITE_ERROR) return refused(db, rc);  // an error of the query's own, like json('x')
    if (rc != SQLITE_ROW) return tl::unexpected<Error>(m_impl->db.error(rc, "read"));
    for (int i = 0; i < count; ++i) cells[static_cast<size_t>(i)] = cellAt(statement->get(), i);
    if (!row(cells)) return {};
  }
}

Result<Table> Profile::query(std::string_view sql, const StopFlag* stop) const {
  Table table;
  auto done = query(
      sql, [&](const auto& names) { table.columns = names; },
      [&](const auto& cells) {
        table.rows.push_back(cells);
        return true;
      },
      stop);
  if (!done) return passOn(done);
  return table;
}

}  // namespace ridgeline::profile
