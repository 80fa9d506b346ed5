// Colours, fonts and measures of the window, light and dark.
#pragma once

#include "profile/vocabulary.h"

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>

class QApplication;
class QWidget;

namespace ridgeline::gui {

struct Theme {
  bool dark = false;
  QColor window, card, raised, border, grid;
  QColor text, muted, faint;
  QColor accent, onAccent, selection;
  QColor good, bad, warn;

  static const Theme& light();
  static const Theme& darkOne();
  // The one in use, told by the widget's palette.
  static const Theme& of(const QWidget& widget);

  // One colour for each bound, the same everywhere. Told apart by people who do not see red and green alike.
  QColor bound(profile::Bound bound) const;
  // Readable on bound().
  QColor onBound(profile::Bound bound) const;
  // Distinct colours for things that have no bound, by name: ranges, calls, operator types.
  QColor named(size_t hash) const;
};

enum class Look { System, Light, Dark };
void applyLook(QApplication& application, Look look);

// Sizes relative to the application's font, so that they follow the desktop's setting.
QFont scaledFont(const QWidget& widget, double factor, QFont::Weight weight = QFont::Normal);
QFont monoFont(const QWidget& widget, double factor = 1);

}  // namespace ridgeline::gui
