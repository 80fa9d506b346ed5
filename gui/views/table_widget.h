// A table of rows of a profile: sorted by a click, copied as CSV, bars and colours in its cells.
#pragma once

#include "gui/models/table_model.h"

#include <QStyledItemDelegate>
#include <QTableView>

namespace ridgeline::gui {

class CellDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

class TableWidget : public QTableView {
  Q_OBJECT

 public:
  explicit TableWidget(QWidget* parent = nullptr);
  void setTable(TableData table);
  void showItem(const Item& item);  // selects and scrolls to it; without telling
  TableFilter& filter() { return *m_filter; }
  const TableModel& source() const { return *m_model; }
  QString csv() const;  // of the selected rows, or of all that are shown

 public Q_SLOTS:
  void copyCsv();

 Q_SIGNALS:
  void picked(const ridgeline::gui::Item& item);
  void opened(const ridgeline::gui::Item& item);  // double click, Return

 protected:
  void keyPressEvent(QKeyEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void contextMenuEvent(QContextMenuEvent*) override;
  void selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) override;

 private:
  Item current() const;
  void measureColumns();
  void fitColumns();
  TableModel* m_model;
  TableFilter* m_filter;
  std::vector<int> m_widths;  // of columns, as their contents and titles want them
  int m_nameWidth = 0;        // of the longest name
  bool m_fitting = false, m_ownWidths = false;
  bool m_showing = false;  // the selection is being set from outside
};

}  // namespace ridgeline::gui
