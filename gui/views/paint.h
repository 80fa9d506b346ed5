// What custom-painted pages share: cards, bars, text that fits.
#pragma once

#include "gui/views/theme.h"

#include <QPainter>
#include <QRectF>
#include <QString>

namespace ridgeline::gui {

void drawCard(QPainter& painter, const QRectF& rect, const Theme& theme);

// Elided to the rectangle. Returns the width that was used.
double drawText(QPainter& painter, const QRectF& rect, const QString& text, const QFont& font, const QColor& color,
                Qt::Alignment alignment = Qt::AlignLeft | Qt::AlignVCenter, Qt::TextElideMode elide = Qt::ElideRight);

double textWidth(const QFont& font, const QString& text);

// A bar of `length` within rect, from the left; the part beyond `mark` (0..1 of the bar, NaN for none) is pale:
// headroom.
void drawBar(QPainter& painter, const QRectF& rect, double length, double mark, const QColor& color,
             const Theme& theme);

// For pages that have nothing to show: what would be here, and how to get it.
void drawEmpty(QPainter& painter, const QRectF& rect, const QWidget& widget, const QString& title, const QString& text);

QColor mixed(const QColor& a, const QColor& b, double shareOfB);

}  // namespace ridgeline::gui
