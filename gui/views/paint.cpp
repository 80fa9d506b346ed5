#include "gui/views/paint.h"

#include <QFontMetricsF>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace ridgeline::gui {

void drawCard(QPainter& painter, const QRectF& rect, const Theme& theme) {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme.border, 1));
  painter.setBrush(theme.card);
  painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
}

double textWidth(const QFont& font, const QString& text) { return QFontMetricsF(font).horizontalAdvance(text); }

double drawText(QPainter& painter, const QRectF& rect, const QString& text, const QFont& font, const QColor& color,
                Qt::Alignment alignment, Qt::TextElideMode elide) {
  if (rect.width() < 4) return 0;
  painter.setFont(font);
  painter.setPen(color);
  const QFontMetricsF metrics(font);
  const double width = metrics.horizontalAdvance(text);
  const bool fits = width <= rect.width() + 0.5;
  painter.drawText(rect, static_cast<int>(alignment) | Qt::TextSingleLine,
                   fits ? text : metrics.elidedText(text, elide, rect.width()));
  return std::min(width, rect.width());
}

void drawBar(QPainter& painter, const QRectF& rect, double length, double mark, const QColor& color,
             const Theme& theme) {
  const double width = std::clamp(length, 0.0, 1.0) * rect.width();
  if (!(width > 0)) return;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  QPainterPath clip;
  clip.addRoundedRect(QRectF(rect.left(), rect.top(), std::max(width, 2.0), rect.height()), 3, 3);
  painter.setClipPath(clip);
  const bool marked = std::isfinite(mark);
  painter.fillRect(QRectF(rect.left(), rect.top(), width, rect.height()),
                   marked ? mixed(color, theme.card, 0.62) : color);
  if (marked)
    painter.fillRect(QRectF(rect.left(), rect.top(), width * std::clamp(mark, 0.0, 1.0), rect.height()), color);
  painter.restore();
}

void drawEmpty(QPainter& painter, const QRectF& rect, const QWidget& widget, const QString& title,
               const QString& text) {
  const auto& theme = Theme::of(widget);
  const QRectF middle(rect.center().x() - std::min(260.0, rect.width() / 2 - 16), rect.center().y() - 60,
                      std::min(520.0, rect.width() - 32), 120);
  painter.setFont(scaledFont(widget, 1.35, QFont::DemiBold));
  painter.setPen(theme.text);
  painter.drawText(QRectF(middle.left(), middle.top(), middle.width(), 34), Qt::AlignHCenter | Qt::AlignBottom, title);
  painter.setFont(scaledFont(widget, 1));
  painter.setPen(theme.muted);
  painter.drawText(QRectF(middle.left(), middle.top() + 42, middle.width(), 78),
                   static_cast<int>(Qt::AlignHCenter | Qt::AlignTop) | Qt::TextWordWrap, text);
}

QColor mixed(const QColor& a, const QColor& b, double shareOfB) {
  const auto part = [&](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * shareOfB)); };
  return {part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())};
}

}  // namespace ridgeline::gui
