// A page that is one table with a filter above it: operators, kernels.
#pragma once

#include "gui/views/table_widget.h"
#include "gui/views/view.h"

class QHBoxLayout;
class QLabel;
class QLineEdit;

namespace ridgeline::gui {

class TableView : public View {
  Q_OBJECT

 public:
  using Make = TableData (*)(const Document&);
  TableView(Selection* selection, Make make, const QString& emptyTitle, const QString& emptyText,
            QWidget* parent = nullptr);
  TableWidget& table() { return *m_table; }
  void setFilterText(const QString& text);
  void focusSearch() override;

 protected:
  void documentChanged() override;
  void showItem(const Item& item) override { m_table->showItem(item); }
  void paintEvent(QPaintEvent*) override;

 private:
  void makeChips();
  void count();

  Make m_make;
  QString m_emptyTitle, m_emptyText;
  QLineEdit* m_words;
  QHBoxLayout* m_chips;
  QLabel* m_count;
  QWidget* m_bar;
  TableWidget* m_table;
};

}  // namespace ridgeline::gui
