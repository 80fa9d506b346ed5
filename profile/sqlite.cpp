#include "profile/sqlite.h"

#include <utility>

namespace ridgeline::profile::sqlite {
namespace {

ErrorCode codeFor(int rc) {
  switch (rc & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_AUTH:
      return ErrorCode::Unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
      return ErrorCode::BadInput;
    case SQLITE_INTERRUPT:
      return ErrorCode::Interrupted;
    default:
      return ErrorCode::Internal;
  }
}

std::string hintFor(int rc) {
  switch (rc & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return "free some disk space, or write to another disk";
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "check its permissions";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process is using it; try again when it is done";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "record it again";
    default:
      return {};
  }
}

}  // namespace

std::string oneLine(std::string message) {
  constexpr size_t kLongest = 300;
  if (message.size() > kLongest) message = message.substr(0, kLongest) + "...";
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return message;
}

Result<Connection> Connection::open(const std::filesystem::path& path, OpenMode mode) {
  // Absolute, so that a file called ":memory:" or "" is not taken for one of SQLite's special names.
  std::error_code ec;
  const auto absolute = std::filesystem::absolute(path, ec);
  if (ec) return unavailable(fmt::format("cannot open {}: {}", path.string(), ec.message()));
  const int flags = mode == OpenMode::ReadOnly    ? SQLITE_OPEN_READONLY
                    : mode == OpenMode::ReadWrite ? SQLITE_OPEN_READWRITE
                                                  : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* db = nullptr;
  const int rc = sqlite3_open_v2(absolute.c_str(), &db, flags, nullptr);
  Connection connection(db, path.filename().string());
  if (rc != SQLITE_OK) return tl::unexpected<Error>(connection.error(rc, "open"));
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, 2000);
  return connection;
}

Result<Connection> Connection::inMemory() {
  sqlite3* db = nullptr;
  const int rc = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Connection connection(db, "(memory)");
  if (rc != SQLITE_OK) return tl::unexpected<Error>(connection.error(rc, "open"));
  sqlite3_extended_result_codes(db, 1);
  return connection;
}

Connection::Connection(Connection&& other) noexcept
    : m_db(std::exchange(other.m_db, nullptr)), m_name(std::move(other.m_name)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(m_db, other.m_db);
  std::swap(m_name, other.m_name);
  return *this;
}

Connection::~Connection() { sqlite3_close_v2(m_db); }

Status Connection::execute(const std::string& sql) {
  const int rc = sqlite3_exec(m_db, sql.c_str(), nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) return tl::unexpected<Error>(error(rc, "write"));
  return {};
}

Result<int64_t> Connection::integer(const std::string& sql) const {
  auto statement = Statement::prepare(*this, sql);
  if (!statement) return passOn(statement);
  auto row = statement->step();
  if (!row) return passOn(row);
  return *row ? statement->integer(0) : 0;
}

Error Connection::error(int rc, std::string_view doing) const {
  const bool haveMessage = m_db != nullptr && (sqlite3_errcode(m_db) & 0xff) == (rc & 0xff);
  const std::string message = haveMessage ? sqlite3_errmsg(m_db) : sqlite3_errstr(rc);
  return Error{codeFor(rc), fmt::format("cannot {} {}: {}", doing, m_name, oneLine(message)), hintFor(rc)};
}

Result<Statement> Statement::prepare(const Connection& connection, std::string_view sql, bool keep) {
  sqlite3_stmt* statement = nullptr;
  const int rc = sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                    keep ? SQLITE_PREPARE_PERSISTENT : 0, &statement, nullptr);
  if (rc != SQLITE_OK) return tl::unexpected<Error>(connection.error(rc, "read"));
  return Statement(&connection, statement);
}

Statement::Statement(Statement&& other) noexcept
    : m_db(other.m_db), m_statement(std::exchange(other.m_statement, nullptr)), m_bindError(other.m_bindError) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(m_db, other.m_db);
  std::swap(m_statement, other.m_statement);
  std::swap(m_bindError, other.m_bindError);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(m_statement); }

void Statement::bind(int index, int64_t value) {
  if (const int rc = sqlite3_bind_int64(m_statement, index, value); rc != SQLITE_OK) m_bindError = rc;
}
void Statement::bind(int index, double value) {
  if (const int rc = sqlite3_bind_double(m_statement, index, value); rc != SQLITE_OK) m_bindError = rc;
}
void Statement::bind(int index, std::string_view value) {
  const int rc = sqlite3_bind_text64(m_statement, index, value.data() == nullptr ? "" : value.data(), value.size(),
                                     SQLITE_TRANSIENT, SQLITE_UTF8);
  if (rc != SQLITE_OK) m_bindError = rc;
}
void Statement::bindBlob(int index, std::string_view bytes) {
  const int rc = sqlite3_bind_blob64(m_statement, index, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                                     SQLITE_TRANSIENT);
  if (rc != SQLITE_OK) m_bindError = rc;
}
void Statement::bindNull(int index) {
  if (const int rc = sqlite3_bind_null(m_statement, index); rc != SQLITE_OK) m_bindError = rc;
}

Result<bool> Statement::step() {
  if (m_bindError != SQLITE_OK) return tl::unexpected<Error>(m_db->error(m_bindError, "write"));
  const int rc = sqlite3_step(m_statement);
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  return tl::unexpected<Error>(m_db->error(rc, sqlite3_stmt_readonly(m_statement) ? "read" : "write"));
}

Status Statement::run() {
  for (;;) {
    auto row = step();
    if (!row) {
      reset();
      return passOn(row);
    }
    if (!*row) break;
  }
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(m_statement);
  m_bindError = SQLITE_OK;
}

bool Statement::isNull(int column) const { return sqlite3_column_type(m_statement, column) == SQLITE_NULL; }
int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_statement, column); }
double Statement::real(int column) const { return sqlite3_column_double(m_statement, column); }
std::string Statement::text(int column) const {
  const auto* text = sqlite3_column_text(m_statement, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<size_t>(sqlite3_column_bytes(m_statement, column))};
}
std::string Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(m_statement, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(m_statement, column))};
}
int Statement::columnCount() const { return sqlite3_column_count(m_statement); }

}  // namespace ridgeline::profile::sqlite
