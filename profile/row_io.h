// Rows to and from prepared statements, along Columns<Row>. For the library's own use.
#pragma once

#include "profile/columns.h"
#include "profile/json.h"
#include "profile/level_vocabulary.h"
#include "profile/sqlite.h"

#include <algorithm>
#include <string>
#include <type_traits>

namespace ridgeline::profile {

class Binder {
 public:
  explicit Binder(sqlite::Statement& statement) : m_statement(statement) {}
  template <class T>
  void operator()(const char*, const T& value) {
    bind(++m_index, value);
  }

 private:
  template <class Tag>
  void bind(int index, Id<Tag> id) {
    id ? m_statement.bind(index, id.value) : m_statement.bindNull(index);
  }
  void bind(int index, double value) { m_statement.bind(index, value); }
  void bind(int index, const std::string& value) { m_statement.bind(index, std::string_view(value)); }
  void bind(int index, const Blob& value) { m_statement.bindBlob(index, value.bytes); }
  void bind(int index, const std::vector<std::string>& value) { bind(index, toJsonArray(value)); }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    value ? bind(index, *value) : m_statement.bindNull(index);
  }
  template <class T>
  requires std::is_enum_v<T>
  void bind(int index, T value) { m_statement.bind(index, nameOf(value)); }
  template <class T>
  requires std::is_integral_v<T>
  void bind(int index, T value) { m_statement.bind(index, static_cast<int64_t>(value)); }

  sqlite::Statement& m_statement;
  int m_index = 0;
};

class Reader {
 public:
  explicit Reader(const sqlite::Statement& statement) : m_statement(statement) {}
  template <class T>
  void operator()(const char* column, T& value) {
    read(column, m_index++, value);
  }
  // The first column whose text is none of those it may hold; empty if all were good.
  const std::string& trouble() const { return m_trouble; }

 private:
  template <class Tag>
  void read(const char*, int index, Id<Tag>& id) {
    id.value = m_statement.integer(index);
  }
  void read(const char*, int index, double& value) { value = m_statement.real(index); }
  void read(const char*, int index, std::string& value) { value = m_statement.text(index); }
  void read(const char*, int index, Blob& value) { value.bytes = m_statement.blob(index); }
  void read(const char* column, int index, std::vector<std::string>& value) {
    if (!fromJsonArray(m_statement.text(index), value)) m_trouble = column;
  }
  template <class T>
  void read(const char* column, int index, std::optional<T>& value) {
    value.reset();
    if (!m_statement.isNull(index)) read(column, index, value.emplace());
  }
  template <class T>
  requires std::is_enum_v<T>
  void read(const char* column, int index, T& value) {
    const auto text = m_statement.text(index);
    const auto it = std::find(std::begin(kNames<T>), std::end(kNames<T>), text);
    if (it == std::end(kNames<T>)) {
      m_trouble = column;
    } else {
      value = static_cast<T>(it - std::begin(kNames<T>));
    }
  }
  template <class T>
  requires std::is_integral_v<T>
  void read(const char*, int index, T& value) { value = static_cast<T>(m_statement.integer(index)); }

  const sqlite::Statement& m_statement;
  int m_index = 0;
  std::string m_trouble;
};

// "INSERT INTO roof (id, device, ...) VALUES (?, ?, ...)" and its relatives, built once per row type.
template <class Row>
struct Sql {
  std::string insert, update, select, clear, count;

  static const Sql& of() {
    static const Sql sql = [] {
      std::string names, marks, sets;
      Row row;
      int index = 0;
      Columns<Row>::visit(row, [&](const char* column, auto&) {
        ++index;
        names += (index > 1 ? ", " : "") + std::string(column);
        marks += index > 1 ? ", ?" : "?";
        if (index > 1) sets += fmt::format("{}{} = ?{}", index > 2 ? ", " : "", column, index);
      });
      const auto table = Columns<Row>::table;
      return Sql{fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names, marks),
                 fmt::format("UPDATE {} SET {} WHERE id = ?1", table, sets),
                 fmt::format("SELECT {} FROM {} ORDER BY 1", names, table), fmt::format("DELETE FROM {}", table),
                 fmt::format("SELECT COUNT(*) FROM {}", table)};
    }();
    return sql;
  }
};

}  // namespace ridgeline::profile
