// An export as a database: tables that may be missing, columns that may be missing, texts by number.
#pragma once

#include "base/progress.h"
#include "collector/import/string_table.h"
#include "profile/sqlite.h"

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace ridgeline::collector::import {

class NsysDatabase {
 public:
  static Result<NsysDatabase> open(const std::filesystem::path& path);

  bool has(const std::string& table) const { return m_tables.count(table) != 0; }
  const std::map<std::string, std::set<std::string>>& tables() const { return m_tables; }  // and their columns
  Result<int64_t> count(const std::string& table) const;

  // One row at a time: the columns in the order asked for; those the table lacks are NULL.
  struct Row {
    sqlite3_stmt* statement;
    bool isNull(int i) const { return sqlite3_column_type(statement, i) == SQLITE_NULL; }
    int64_t integer(int i) const { return sqlite3_column_int64(statement, i); }
    double real(int i) const { return sqlite3_column_double(statement, i); }
    std::string_view text(int i) const {
      const auto* t = sqlite3_column_text(statement, i);
      return {reinterpret_cast<const char*>(t),
              t == nullptr ? 0 : static_cast<size_t>(sqlite3_column_bytes(statement, i))};
    }
  };
  Status each(const std::string& table, const std::vector<std::string>& columns, Job job,
              const std::function<Status(const Row&)>& row);

  // StringIds' value, or empty. Valid until the next call.
  std::string_view string(int64_t id);

 private:
  explicit NsysDatabase(profile::sqlite::Connection db)
      : m_db(std::make_unique<profile::sqlite::Connection>(std::move(db))) {}
  Status readTables();
  std::unique_ptr<profile::sqlite::Connection> m_db;  // statements point to it
  std::map<std::string, std::set<std::string>> m_tables;
  std::optional<profile::sqlite::Statement> m_string;
  std::string m_text;
};

}  // namespace ridgeline::collector::import
