#include "profile/bulk_rows.h"

#include <new>

namespace ridgeline::profile {
namespace {

// What SQLite knows of a table and of a place in it: its own part stands first. "The Virtual Table Mechanism of
// SQLite".
struct Table {
  sqlite3_vtab base{};
  const BulkRows* rows = nullptr;
};
struct Cursor {
  sqlite3_vtab_cursor base{};
  size_t row = 0;
};

const BulkRows& rowsOf(sqlite3_vtab_cursor* cursor) { return *reinterpret_cast<Table*>(cursor->pVtab)->rows; }
Cursor& own(sqlite3_vtab_cursor* cursor) { return *reinterpret_cast<Cursor*>(cursor); }

struct Source {
  const BulkRows* rows;
  std::string declaration;
};

int connect(sqlite3* db, void* source, int, const char* const*, sqlite3_vtab** out, char**) {
  const auto& from = *static_cast<const Source*>(source);
  if (const int rc = sqlite3_declare_vtab(db, from.declaration.c_str()); rc != SQLITE_OK) return rc;
  sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  auto* table = new (std::nothrow) Table;
  if (!table) return SQLITE_NOMEM;
  table->rows = from.rows;
  *out = &table->base;
  return SQLITE_OK;
}
int disconnect(sqlite3_vtab* table) {
  delete reinterpret_cast<Table*>(table);
  return SQLITE_OK;
}
int bestIndex(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }
int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
  auto* cursor = new (std::nothrow) Cursor;
  if (!cursor) return SQLITE_NOMEM;
  *out = &cursor->base;
  return SQLITE_OK;
}
int close(sqlite3_vtab_cursor* cursor) {
  delete &own(cursor);
  return SQLITE_OK;
}
int filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
  own(cursor).row = 0;
  return SQLITE_OK;
}
int next(sqlite3_vtab_cursor* cursor) {
  ++own(cursor).row;
  return SQLITE_OK;
}
int atEnd(sqlite3_vtab_cursor* cursor) { return own(cursor).row >= rowsOf(cursor).count ? 1 : 0; }
int column(sqlite3_vtab_cursor* cursor, sqlite3_context* out, int number) {
  const auto& rows = rowsOf(cursor);
  rows.column(rows.rows, own(cursor).row, number, out);
  return SQLITE_OK;
}
int rowId(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
  *out = static_cast<sqlite3_int64>(own(cursor).row);
  return SQLITE_OK;
}

const sqlite3_module* module() {
  static const sqlite3_module made = [] {
    sqlite3_module m{};
    m.xConnect = connect;
    m.xDisconnect = disconnect;
    m.xBestIndex = bestIndex;
    m.xOpen = open;
    m.xClose = close;
    m.xFilter = filter;
    m.xNext = next;
    m.xEof = atEnd;
    m.xColumn = column;
    m.xRowid = rowId;
    return m;
  }();
  return &made;
}

}  // namespace

Status attachRows(const sqlite::Connection& connection, const char* name, const char* columns, BulkRows& rows) {
  auto* source = new Source{&rows, std::string("CREATE TABLE x(") + columns + ")"};
  const int rc = sqlite3_create_module_v2(connection.handle(), name, module(), source,
                                          [](void* given) { delete static_cast<Source*>(given); });
  if (rc != SQLITE_OK) return tl::unexpected<Error>(connection.error(rc, "write"));
  return {};
}

void detachRows(const sqlite::Connection& connection, const char* name) {
  sqlite3_create_module_v2(connection.handle(), name, nullptr, nullptr, nullptr);
}

}  // namespace ridgeline::profile
