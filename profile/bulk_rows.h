// Rows that wait in memory, as a table that SQLite reads: one statement then inserts thousands of them, at twice the
// speed of a statement for each. For the library's own use.
#pragma once

#include "profile/sqlite.h"

#include <cstddef>

namespace ridgeline::profile {

struct BulkRows {
  size_t count = 0;
  const void* rows = nullptr;
  // Gives one value by sqlite3_result_...(); texts must live as long as the program.
  void (*column)(const void* rows, size_t row, int column, sqlite3_context* out) = nullptr;
};

// From now on `SELECT * FROM name` has the rows that `rows` points to at that moment. `columns`: "a, b, c".
Status attachRows(const sqlite::Connection& connection, const char* name, const char* columns, BulkRows& rows);
void detachRows(const sqlite::Connection& connection, const char* name);

}  // namespace ridgeline::profile
