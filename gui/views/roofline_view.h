// The roofline: every operator under the roofs of the machine.
#pragma once

#include "gui/models/roofline.h"
#include "gui/views/view.h"

#include <QPointF>

class QPainter;

namespace ridgeline::gui {

class RooflinePlot : public QWidget {
  Q_OBJECT

 public:
  explicit RooflinePlot(QWidget* parent = nullptr);
  void setPlot(Roofline plot);
  void setItem(const Item& item);
  void fit();
  void zoom(double factor, const QPointF& around);  // pixels
  const Roofline& plot() const { return m_plot; }
  // Of the area's pixels, for tests and hover.
  QPointF at(double x, double y) const;
  double radius(const RooflinePoint& point) const;
  Item itemAt(const QPointF& at) const;

 Q_SIGNALS:
  void picked(const ridgeline::gui::Item& item);
  void opened(const ridgeline::gui::Item& item);

 protected:
  void paintEvent(QPaintEvent*) override;
  void wheelEvent(QWheelEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;
  void mouseDoubleClickEvent(QMouseEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  bool event(QEvent*) override;

 private:
  QRectF area() const;
  void drawAxes(QPainter& p);
  struct Stretch {
    QPointF from, to;
  };
  Stretch stretchOf(const RoofLine& line) const;  // on the screen
  void drawRoofs(QPainter& p);
  void drawRoofLabels(QPainter& p);
  void drawPoints(QPainter& p);
  void drawArrows(QPainter& p);
  void drawLegend(QPainter& p);
  void drawFacts(QPainter& p);
  void step(int by);
  const RooflinePoint* pointOf(const Item& item) const;

  Roofline m_plot;
  double m_x0 = 0, m_x1 = 1, m_y0 = 0, m_y1 = 1;  // shown, log10
  Item m_item, m_hover;
  QPointF m_pressed, m_last;
  bool m_dragging = false;
  double m_longest = 0;
};

class RooflineView : public View {
  Q_OBJECT

 public:
  explicit RooflineView(Selection* selection, QWidget* parent = nullptr);
  void setAfter(DocumentPtr after);  // the other profile of a comparison, or null
  RooflinePlot& plot() { return *m_plot; }

 protected:
  void documentChanged() override;
  void showItem(const Item& item) override { m_plot->setItem(item); }

 private:
  RooflinePlot* m_plot;
  DocumentPtr m_after;
};

}  // namespace ridgeline::gui
