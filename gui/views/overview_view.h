// The first page: where the time goes, what could be won, what to do.
#pragma once

#include "gui/models/overview.h"
#include "gui/views/view.h"

#include <functional>
#include <vector>

class QPainter;

namespace ridgeline::gui {

class OverviewCanvas : public QWidget {
  Q_OBJECT

 public:
  explicit OverviewCanvas(QWidget* parent = nullptr);
  void setDocument(DocumentPtr document);
  void setItem(const Item& item);

  struct Spot {  // something that can be pointed at, clicked, and reached with Tab and the arrows
    QRectF rect;
    Item item;
    QString page;
    QString tip;
  };
  const std::vector<Spot>& spots() const { return m_spots; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {640, sizeHint().height()}; }

 Q_SIGNALS:
  void chosen(const ridgeline::gui::Item& item, const QString& page);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void leaveEvent(QEvent*) override;
  bool event(QEvent*) override;

 private:
  void drawTime(QPainter& p, const QRectF& card);
  void drawLatency(QPainter& p, const QRectF& area);
  void drawShares(QPainter& p, const QRectF& area);
  std::vector<double> shareColumns(double room) const;
  QColor colorOf(const Share& share) const;
  void drawTypes(QPainter& p, const QRectF& area);
  void drawHeadrooms(QPainter& p, const QRectF& card);
  void drawLongest(QPainter& p, const QRectF& card);
  void drawAdvice(QPainter& p, const QRectF& card);
  double drawProof(QPainter& p, const QRectF& area);
  void drawRoofs(QPainter& p, const QRectF& card);
  void drawKnown(QPainter& p, const QRectF& card);
  QRectF titled(QPainter& p, const QRectF& card, const QString& title, const QString& note);
  void spot(QPainter& p, const QRectF& rect, const Item& item, const QString& page, const QString& tip);
  void describe();
  int spotAt(const QPointF& at) const;
  double unit() const;
  // Of a list in a card of this height: five, and more where there is room.
  size_t rowsIn(double height) const;

  static constexpr int kMostRows = 14;

  DocumentPtr m_document;
  std::vector<Share> m_shares;
  std::vector<TypeShare> m_types;
  std::vector<Headroom> m_headrooms;
  std::vector<Longest> m_longest;
  std::vector<Caution> m_cautions;
  std::vector<Spot> m_spots;
  Item m_item;
  int m_hover = -1, m_focus = -1;
  double m_zoom = 1;  // large windows show it larger; spots are in units before that
};

class OverviewView : public View {
  Q_OBJECT

 public:
  explicit OverviewView(Selection* selection, QWidget* parent = nullptr);
  OverviewCanvas& canvas() { return *m_canvas; }

 protected:
  void documentChanged() override;
  void showItem(const Item& item) override;

 private:
  OverviewCanvas* m_canvas;
};

}  // namespace ridgeline::gui
