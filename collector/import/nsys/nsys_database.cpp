#include "collector/import/nsys/nsys_database.h"

#include <fstream>

namespace ridgeline::collector::import {
namespace fs = std::filesystem;
namespace {

using profile::sqlite::Connection;
using profile::sqlite::OpenMode;
using profile::sqlite::Statement;

// What SQLite would only notice at a missing page. "Database File Format", section 1.3.
Status checkSize(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  unsigned char header[32] = {};
  in.read(reinterpret_cast<char*>(header), sizeof header);
  if (in.gcount() < static_cast<std::streamsize>(sizeof header)) {
    return badInput(fmt::format("{} is cut short", path.string()), "export it again");
  }
  uint64_t pageSize = header[16] << 8 | header[17];
  if (pageSize == 1) pageSize = 65536;
  const uint64_t pages = static_cast<uint64_t>(header[28]) << 24 | header[29] << 16 | header[30] << 8 | header[31];
  std::error_code ec;
  const auto size = fs::file_size(path, ec);
  if (!ec && size < pageSize * pages) {
    return badInput(fmt::format("{} is cut short: {} of {} bytes are there", path.string(), size, pageSize * pages),
                    "copy it again, or export it again");
  }
  return {};
}

Error asBadInput(Error error, const std::string& name) {
  if (error.code == ErrorCode::Internal || error.code == ErrorCode::BadInput) {
    return {ErrorCode::BadInput, fmt::format("{} is damaged: {}", name, error.message), "export it again"};
  }
  return error;
}

}  // namespace

Result<NsysDatabase> NsysDatabase::open(const fs::path& path) {
  if (auto s = checkSize(path); !s) return passOn(s);
  auto db = Connection::open(path, OpenMode::ReadOnly);
  if (!db) return passOn(db);
  // Anybody may have written it: nothing in it may do more than hold rows.
  sqlite3_db_config(db->handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (auto s = db->execute("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON"); !s) {
    return tl::unexpected<Error>(asBadInput(s.error(), path.string()));
  }
  NsysDatabase out(std::move(*db));
  if (auto s = out.readTables(); !s) return tl::unexpected<Error>(asBadInput(s.error(), path.string()));
  return out;
}

// Tables only: a view could compute for ever.
Status NsysDatabase::readTables() {
  auto names = Statement::prepare(
      *m_db, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'");
  if (!names) return passOn(names);
  for (;;) {
    auto row = names->step();
    if (!row) return passOn(row);
    if (!*row) break;
    m_tables[names->text(0)];
  }
  for (auto& [table, columns] : m_tables) {
    auto list = Statement::prepare(*m_db, "SELECT name FROM pragma_table_info(?)");
    if (!list) return passOn(list);
    list->bind(1, std::string_view(table));
    for (;;) {
      auto row = list->step();
      if (!row) return passOn(row);
      if (!*row) break;
      columns.insert(list->text(0));
    }
  }
  return {};
}

Result<int64_t> NsysDatabase::count(const std::string& table) const {
  std::string quoted = "\"";
  for (const char c : table) quoted += c == '"' ? "\"\"" : std::string(1, c);
  auto n = m_db->integer("SELECT COUNT(*) FROM " + quoted + "\"");
  if (!n) return tl::unexpected<Error>(asBadInput(n.error(), m_db->name()));
  return n;
}

Status NsysDatabase::each(const std::string& table, const std::vector<std::string>& columns, Job job,
                          const std::function<Status(const Row&)>& handle) {
  const auto it = m_tables.find(table);
  if (it == m_tables.end()) return {};
  std::string list;
  for (const auto& c : columns) {
    list += (list.empty() ? "" : ", ") + (it->second.count(c) != 0 ? "\"" + c + "\"" : std::string("NULL"));
  }
  auto statement = Statement::prepare(*m_db, fmt::format("SELECT {} FROM \"{}\"", list, table));
  if (!statement) return tl::unexpected<Error>(asBadInput(statement.error(), m_db->name()));
  for (int64_t n = 0;; ++n) {
    if (n % 65536 == 0) {
      if (auto s = job.stop.check(); !s) return s;
    }
    auto more = statement->step();
    if (!more) return tl::unexpected<Error>(asBadInput(more.error(), m_db->name()));
    if (!*more) return {};
    if (auto s = handle(Row{statement->handle()}); !s) return s;
  }
}

std::string_view NsysDatabase::string(int64_t id) {
  m_text.clear();
  if (!m_string) {
    if (!has("StringIds")) return m_text;
    auto statement = Statement::prepare(*m_db, "SELECT value FROM StringIds WHERE id = ?", true);
    if (!statement) return m_text;
    m_string.emplace(std::move(*statement));
  }
  m_string->bind(1, id);
  if (auto row = m_string->step(); row && *row) m_text = m_string->text(0);
  m_string->reset();
  return m_text;
}

}  // namespace ridgeline::collector::import
