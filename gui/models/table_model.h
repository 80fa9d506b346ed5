// TableData as a Qt model, filtering and sorting on top of it, and CSV out of it.
#pragma once

#include "gui/models/table_data.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

namespace ridgeline::gui {

enum CellRole {
  SortRole = Qt::UserRole,  // QVariant; invalid when not known
  BarRole,                  // double, NaN for none
  MarkRole,                 // double within the bar, NaN for none
  BoundRole,                // int, -1 for none
  ToneRole,                 // int
  ItemKindRole,
  ItemIdRole,
};

class TableModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  using QAbstractTableModel::QAbstractTableModel;
  void setTable(TableData table);
  const TableData& table() const { return m_table; }
  Item itemAt(int row) const;
  int rowOf(const Item& item) const;  // -1 when it is not here

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  TableData m_table;
};

// Rows that contain every word of the filter, in any column, and have the chosen bound. What is not known sorts last,
// whichever way the column is sorted.
class TableFilter : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  explicit TableFilter(QObject* parent = nullptr);
  void setWords(const QString& text);
  void setBound(int bound);  // -1: any

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  bool lessThan(const QModelIndex& a, const QModelIndex& b) const override;

 private:
  QStringList m_words;
  int m_bound = -1;
};

// RFC 4180, with a header; numbers in full (SortRole), not as they are shown. `rows` empty: all.
QString csvOf(const QAbstractItemModel& model, const QList<int>& rows = {});

}  // namespace ridgeline::gui
