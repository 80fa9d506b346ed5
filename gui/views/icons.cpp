#include "gui/views/icons.h"

#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

namespace ridgeline::gui {
namespace {

// In a square of 16.
void drawIcon(QPainter& p, const QString& page, const QColor& color) {
  p.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  const auto bar = [&](double x, double y, double w, double h) { p.fillRect(QRectF(x, y, w, h), color); };
  if (page == QLatin1String("overview")) {
    bar(1.5, 3, 8, 4), bar(10.5, 3, 4, 4), bar(1.5, 9, 4, 4), bar(6.5, 9, 8, 4);
  } else if (page == QLatin1String("roofline")) {
    p.drawPolyline(QPolygonF({{1.5, 13}, {7.5, 5}, {14.5, 5}}));
    p.setBrush(color);
    p.drawEllipse(QPointF(10.5, 9.5), 1, 1);
  } else if (page == QLatin1String("timeline")) {
    bar(1.5, 3, 6, 2.4), bar(5, 6.8, 9.5, 2.4), bar(2.5, 10.6, 5, 2.4), bar(9.5, 10.6, 3, 2.4);
  } else if (page == QLatin1String("operators")) {
    for (const double y : {3.5, 8.0, 12.5}) p.drawLine(QPointF(2, y), QPointF(14, y));
  } else if (page == QLatin1String("kernels")) {
    p.drawRect(QRectF(4, 4, 8, 8));
    for (const double x : {6.5, 9.5})
      p.drawLine(QPointF(x, 1.5), QPointF(x, 4)), p.drawLine(QPointF(x, 12), QPointF(x, 14.5));
  } else if (page == QLatin1String("graph")) {
    p.drawLine(QPointF(8, 4), QPointF(4, 12)), p.drawLine(QPointF(8, 4), QPointF(12, 12));
    p.setBrush(color);
    for (const auto& at : {QPointF(8, 3.5), QPointF(4, 12), QPointF(12, 12)}) p.drawEllipse(at, 1.6, 1.6);
  } else if (page == QLatin1String("advice")) {
    p.drawPolyline(QPolygonF({{2.5, 8.5}, {6.5, 12.5}, {13.5, 3.5}}));
  } else if (page == QLatin1String("compare")) {
    bar(2, 3, 9, 3.2), bar(2, 9.5, 12, 3.2);
  } else {
    p.drawEllipse(QPointF(8, 8), 6, 6);
    p.drawLine(QPointF(8, 7.5), QPointF(8, 11));
    p.drawPoint(QPointF(8, 4.8));
  }
}

}  // namespace

QIcon pageIcon(const QString& page, const QColor& color) {
  QIcon icon;
  for (const int scale : {1, 2, 3}) {
    QPixmap pixmap(16 * scale, 16 * scale);
    pixmap.fill(Qt::transparent);
    QPainter p(&pixmap);
    p.setRenderHint(QPainter::Antialiasing);
    p.scale(scale, scale);
    drawIcon(p, page, color);
    p.end();
    icon.addPixmap(pixmap);
  }
  return icon;
}

QIcon windowIcon() {
  QPixmap pixmap(64, 64);
  pixmap.fill(Qt::transparent);
  QPainter p(&pixmap);
  p.setRenderHint(QPainter::Antialiasing);
  p.setPen(Qt::NoPen);
  p.setBrush(QColor(0x2f5fd8));
  p.drawRoundedRect(QRectF(2, 2, 60, 60), 14, 14);
  p.setPen(QPen(Qt::white, 6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  p.drawPolyline(QPolygonF({{13, 48}, {31, 22}, {51, 22}}));
  p.end();
  return QIcon(pixmap);
}

}  // namespace ridgeline::gui
