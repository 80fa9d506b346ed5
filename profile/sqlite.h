// SQLite behind values that close themselves and errors that are Results. For the library's own use.
#pragma once

#include "base/result.h"

#include <sqlite3.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace ridgeline::profile::sqlite {

// SQLite's message without what a damaged file may put into it: line ends, control characters, no end.
std::string oneLine(std::string message);

enum class OpenMode { ReadOnly, ReadWrite, Create };

class Connection {
 public:
  static Result<Connection> open(const std::filesystem::path& path, OpenMode mode);
  static Result<Connection> inMemory();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  sqlite3* handle() const { return m_db; }
  const std::string& name() const { return m_name; }  // base name of the file

  Status execute(const std::string& sql);                 // any number of statements without parameters
  Result<int64_t> integer(const std::string& sql) const;  // first column of the first row; 0 for no row
  int64_t lastRowId() const { return sqlite3_last_insert_rowid(m_db); }

  // The failure that `rc` and the connection's message describe, for a person: a full disk and a missing permission are
  // Unavailable, a damaged file BadInput, anything else Internal. `doing` is "write", "read".
  Error error(int rc, std::string_view doing) const;

 private:
  Connection(sqlite3* db, std::string name) : m_db(db), m_name(std::move(name)) {}
  sqlite3* m_db;
  std::string m_name;
};

// A prepared statement. Must not outlive its connection. Errors in binding show at step().
class Statement {
 public:
  static Result<Statement> prepare(const Connection& connection, std::string_view sql, bool keep = false);
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Parameters count from 1. Text is copied.
  void bind(int index, int64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view value);
  void bindBlob(int index, std::string_view bytes);
  void bindNull(int index);

  Result<bool> step();  // true: there is a row
  Status run();         // to the end, then ready to be bound again
  void reset();

  // Columns count from 0.
  bool isNull(int column) const;
  int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  std::string blob(int column) const;
  int columnCount() const;
  sqlite3_stmt* handle() const { return m_statement; }

 private:
  Statement(const Connection* connection, sqlite3_stmt* statement) : m_db(connection), m_statement(statement) {}
  const Connection* m_db;
  sqlite3_stmt* m_statement;
  int m_bindError = SQLITE_OK;
};

}  // namespace ridgeline::profile::sqlite
