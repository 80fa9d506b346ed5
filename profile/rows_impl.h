// The members of Profile that are made for each kind of row. For the library's own use: a .cpp that lists its rows with
// RIDGELINE_ROW includes this.
#pragma once

#include "profile/profile.h"
#include "profile/profile_impl.h"
#include "profile/row_io.h"

namespace ridgeline::profile {

template <class E>
std::string_view textOfEnum(E value) {
  const auto index = static_cast<size_t>(value);
  return index < std::size(kNames<E>) ? kNames<E>[index] : std::string_view("unknown");
}

template <class Row>
Status writeRow(sqlite::Statement& statement, const Row& row) {
  Columns<Row>::visit(row, Binder(statement));
  return statement.run();
}

template <class Row>
Status writeRow(ProfileImpl& impl, const std::string& sql, const Row& row) {
  auto statement = impl.statement(sql);
  if (!statement) return passOn(statement);
  return writeRow(**statement, row);
}

template <class Row>
Result<decltype(Row::id)> Profile::add(const Row& row) {
  if (auto s = writeRow(*m_impl, Sql<Row>::of().insert, row); !s) return passOn(s);
  return decltype(Row::id){row.id ? row.id.value : m_impl->db.lastRowId()};
}

template <class Row>
Status Profile::addAll(std::span<const Row> rows) {
  auto transaction = begin();
  if (!transaction) return passOn(transaction);
  auto statement = m_impl->statement(Sql<Row>::of().insert);
  if (!statement) return passOn(statement);
  for (const auto& row : rows) {
    if (auto s = writeRow(**statement, row); !s) return s;
  }
  return transaction->commit();
}

template <class Row>
Status Profile::update(const Row& row) {
  if (!row.id) return internalError("update of a row without an id");
  if (auto s = writeRow(*m_impl, Sql<Row>::of().update, row); !s) return s;
  if (sqlite3_changes(m_impl->db.handle()) == 1) return {};
  return internalError(fmt::format("no row {} in {}", row.id.value, Columns<Row>::table));
}

template <class Row>
Status Profile::clear() {
  return m_impl->db.execute(Sql<Row>::of().clear);
}

template <class Row>
Result<std::vector<Row>> Profile::all() const {
  auto statement = m_impl->statement(Sql<Row>::of().select);
  if (!statement) return passOn(statement);
  std::vector<Row> rows;
  for (;;) {
    auto more = (*statement)->step();
    if (!more) {
      (*statement)->reset();
      return passOn(more);
    }
    if (!*more) break;
    Row row;
    Reader reader(**statement);
    Columns<Row>::visit(row, reader);
    if (!reader.trouble().empty()) {
      (*statement)->reset();
      return badInput(fmt::format("{} is damaged: a value of {}.{} makes no sense", m_impl->name, Columns<Row>::table,
                                  reader.trouble()),
                      "record it again");
    }
    rows.push_back(std::move(row));
  }
  (*statement)->reset();  // ends the read, so that other processes may write
  return rows;
}

template <class Row>
Result<int64_t> Profile::count() const {
  return m_impl->db.integer(Sql<Row>::of().count);
}

#define RIDGELINE_ROW(Row)                                     \
  template Status Profile::addAll<Row>(std::span<const Row>);  \
  template Status Profile::clear<Row>();                       \
  template Result<std::vector<Row>> Profile::all<Row>() const; \
  template Result<int64_t> Profile::count<Row>() const;
#define RIDGELINE_ROW_WITH_ID(Row)                                  \
  RIDGELINE_ROW(Row)                                                \
  template Result<decltype(Row::id)> Profile::add<Row>(const Row&); \
  template Status Profile::update<Row>(const Row&);

}  // namespace ridgeline::profile
