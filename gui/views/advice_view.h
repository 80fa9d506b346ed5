// What could be done, what was tried, what was proved.
#pragma once

#include "gui/views/table_widget.h"
#include "gui/views/view.h"

class QPushButton;
class QStackedWidget;

namespace ridgeline::gui {

// The proof, drawn: before and after, the interval, the outputs.
class ProofBanner : public QWidget {
  Q_OBJECT

 public:
  explicit ProofBanner(QWidget* parent = nullptr);
  void setDocument(DocumentPtr document);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  DocumentPtr m_document;
};

// How good the predictions were: a point for every measured trial.
class LedgerPlot : public QWidget {
  Q_OBJECT

 public:
  explicit LedgerPlot(Selection* selection, QWidget* parent = nullptr);
  void setDocument(DocumentPtr document);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;

 private:
  QPointF at(double predicted, double measured) const;
  DocumentPtr m_document;
  Selection* m_selection;
  double m_low = 0, m_high = 1;  // ms, of both axes
};

class AdviceView : public View {
  Q_OBJECT

 public:
  explicit AdviceView(Selection* selection, QWidget* parent = nullptr);
  TableWidget& advice() { return *m_advice; }
  TableWidget& trials() { return *m_trials; }

 protected:
  void documentChanged() override;
  void showItem(const Item& item) override;
  void paintEvent(QPaintEvent*) override;

 private:
  void showPart(int part);
  ProofBanner* m_proof;
  LedgerPlot* m_plot;
  TableWidget *m_advice, *m_trials, *m_misses, *m_findings;
  QList<QPushButton*> m_parts;
  QStackedWidget* m_stack;
  QPushButton* m_optimize;
};

}  // namespace ridgeline::gui
