// Two profiles side by side.
#pragma once

#include "gui/models/compare.h"
#include "gui/views/table_widget.h"
#include "gui/views/view.h"

#include <optional>

class QLabel;
class QPushButton;

namespace ridgeline::gui {

class CompareHeader : public QWidget {
  Q_OBJECT

 public:
  using QWidget::QWidget;
  void setSummary(const CompareSummary& summary, const QString& a, const QString& b);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  CompareSummary m_summary;
  QString m_a, m_b;
};

class CompareView : public View {
  Q_OBJECT

 public:
  explicit CompareView(Selection* selection, QWidget* parent = nullptr);
  ~CompareView() override;
  void setOther(DocumentPtr other);  // null: none
  bool settled() const override { return m_running == 0; }
  TableWidget& table() { return *m_table; }

 protected:
  void documentChanged() override;
  void paintEvent(QPaintEvent*) override;

 private:
  void compareAgain();
  DocumentPtr m_other;
  CompareHeader* m_header;
  TableWidget* m_table;
  QPushButton* m_choose;
  QString m_trouble;
  int64_t m_latest = 0;
  int m_running = 0;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

}  // namespace ridgeline::gui
