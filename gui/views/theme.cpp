#include "gui/views/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QStyleFactory>
#include <QWidget>
#include <array>

namespace ridgeline::gui {
namespace {

QColor rgb(uint32_t value) { return QColor::fromRgb(0xff000000u | value); }

QString sheetOf(const Theme& t) {
  const auto name = [](const QColor& c) { return c.name(); };
  QString sheet = QStringLiteral(R"(
QMainWindow, QDialog { background: @window; }
QWidget#sidebar { background: @card; border-right: 1px solid @border; }
QWidget#header { background: @card; border-bottom: 1px solid @border; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 6px; }
QLabel#muted { color: @muted; }
QPushButton, QToolButton { background: @card; border: 1px solid @border; border-radius: 6px; padding: 5px 12px; color: @text; }
QPushButton:hover, QToolButton:hover { background: @raised; border-color: @faint; }
QPushButton:focus, QToolButton:focus { border-color: @accent; }
QPushButton:disabled, QToolButton:disabled { color: @faint; }
QPushButton#primary { background: @accent; border-color: @accent; color: @onaccent; font-weight: 600; }
QPushButton#primary:disabled { background: @border; border-color: @border; color: @muted; }
QPushButton#nav { border: none; background: transparent; text-align: left; padding: 7px 10px 7px 12px; border-radius: 6px; color: @muted; }
QPushButton#nav:hover { background: @raised; color: @text; }
QPushButton#nav:checked { background: @selection; color: @text; font-weight: 600; }
QPushButton#nav:focus { border: 1px solid @accent; padding: 6px 9px 6px 11px; }
QPushButton#nav:disabled { color: @faint; }
QPushButton#chip { padding: 3px 10px; border-radius: 11px; color: @muted; }
QPushButton#chip:checked { background: @selection; color: @text; border-color: @accent; }
QLineEdit, QSpinBox, QComboBox, QDoubleSpinBox { background: @card; border: 1px solid @border; border-radius: 6px; padding: 5px 8px; color: @text; selection-background-color: @accent; }
QLineEdit:focus, QSpinBox:focus, QComboBox:focus { border-color: @accent; }
QComboBox::drop-down { border: none; width: 20px; }
QTableView, QTreeView, QListView, QTextBrowser, QPlainTextEdit { background: @card; border: 1px solid @border; border-radius: 8px; gridline-color: transparent; selection-background-color: @selection; selection-color: @text; outline: none; }
QTableView::item { padding: 0px 8px; border: none; }
QHeaderView { background: @card; border: none; border-top-left-radius: 8px; }
QHeaderView::section { background: @card; color: @muted; border: none; border-bottom: 1px solid @border; padding: 6px 18px 6px 8px; font-weight: 600; }
QHeaderView::up-arrow, QHeaderView::down-arrow { width: 8px; height: 8px; subcontrol-position: center right; right: 4px; }
QHeaderView::section:hover { color: @text; }
QTableCornerButton::section { background: @card; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 4px; min-height: 30px; min-width: 30px; margin: 1px; }
QScrollBar::handle:hover { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea { border: none; background: transparent; }
QSplitter::handle { background: transparent; }
QStatusBar { background: @card; border-top: 1px solid @border; color: @muted; }
QStatusBar::item { border: none; }
QProgressBar { background: @border; border: none; border-radius: 3px; height: 6px; text-align: center; color: transparent; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QMenuBar { background: @card; color: @text; border-bottom: 1px solid @border; }
QMenuBar::item:selected, QMenu::item:selected { background: @selection; color: @text; }
QMenu { background: @card; color: @text; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 24px; border-radius: 4px; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QCheckBox, QRadioButton, QLabel { color: @text; background: transparent; }
)");
  sheet.replace(QLatin1String("@onaccent"), name(t.onAccent)).replace(QLatin1String("@window"), name(t.window));
  sheet.replace(QLatin1String("@card"), name(t.card)).replace(QLatin1String("@raised"), name(t.raised));
  sheet.replace(QLatin1String("@border"), name(t.border)).replace(QLatin1String("@text"), name(t.text));
  sheet.replace(QLatin1String("@muted"), name(t.muted)).replace(QLatin1String("@faint"), name(t.faint));
  sheet.replace(QLatin1String("@accent"), name(t.accent)).replace(QLatin1String("@selection"), name(t.selection));
  return sheet;
}

QPalette paletteOf(const Theme& t) {
  QPalette p;
  p.setColor(QPalette::Window, t.window);
  p.setColor(QPalette::WindowText, t.text);
  p.setColor(QPalette::Base, t.card);
  p.setColor(QPalette::AlternateBase, t.raised);
  p.setColor(QPalette::Text, t.text);
  p.setColor(QPalette::Button, t.card);
  p.setColor(QPalette::ButtonText, t.text);
  p.setColor(QPalette::BrightText, t.bad);
  p.setColor(QPalette::Highlight, t.accent);
  p.setColor(QPalette::HighlightedText, t.onAccent);
  p.setColor(QPalette::ToolTipBase, t.raised);
  p.setColor(QPalette::ToolTipText, t.text);
  p.setColor(QPalette::PlaceholderText, t.faint);
  p.setColor(QPalette::Link, t.accent);
  p.setColor(QPalette::Mid, t.border);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    p.setColor(QPalette::Disabled, role, t.faint);
  }
  return p;
}

QFont baseFont(const QFont& system) {
  // Where the desktop has no better idea than the fallback, a face with more even figures is taken.
  QFont font = system;
  const auto families = QFontDatabase::families();
  if (!font.family().contains(QLatin1String("Inter")) && families.contains(QStringLiteral("Inter"))) {
    font.setFamily(QStringLiteral("Inter"));
  }
  if (font.pixelSize() <= 0 && font.pointSizeF() < 9) font.setPointSizeF(9);
  font.setHintingPreference(QFont::PreferNoHinting);
  return font;
}

}  // namespace

const Theme& Theme::light() {
  static const Theme theme{false,         rgb(0xf4f5f8), rgb(0xffffff), rgb(0xf0f2f6), rgb(0xdfe3ea),
                           rgb(0xebedf2), rgb(0x171a21), rgb(0x5b6474), rgb(0x98a1b0), rgb(0x2f5fd8),
                           rgb(0xffffff), rgb(0xe3ebfd), rgb(0x1a7f4b), rgb(0xc93636), rgb(0xb26a00)};
  return theme;
}

const Theme& Theme::darkOne() {
  static const Theme theme{true,          rgb(0x14161b), rgb(0x1c1f26), rgb(0x262a33), rgb(0x323743),
                           rgb(0x272b34), rgb(0xe9ebf0), rgb(0x9da6b5), rgb(0x687181), rgb(0x6c96ff),
                           rgb(0x0d1018), rgb(0x2a3550), rgb(0x4cc38a), rgb(0xf07070), rgb(0xe0a63c)};
  return theme;
}

const Theme& Theme::of(const QWidget& widget) {
  return widget.palette().color(QPalette::Window).lightness() < 128 ? darkOne() : light();
}

QColor Theme::bound(profile::Bound bound) const {
  using profile::Bound;
  switch (bound) {
    case Bound::Compute:
      return dark ? rgb(0x5b8cff) : rgb(0x3668e0);
    case Bound::Memory:
      return dark ? rgb(0xf2a33c) : rgb(0xe58a0f);
    case Bound::Overhead:
      return dark ? rgb(0xe06a9e) : rgb(0xcc4480);
    case Bound::Transfer:
      return dark ? rgb(0x35c2c2) : rgb(0x129a9f);
    case Bound::Balanced:
      return dark ? rgb(0x9a86f0) : rgb(0x7a60d8);
    case Bound::Idle:
      return dark ? rgb(0x4a515e) : rgb(0xb9c0cc);
    case Bound::Unknown:
      break;
  }
  return dark ? rgb(0x7d8799) : rgb(0x8a94a6);
}

QColor Theme::onBound(profile::Bound bound) const {
  return bound == profile::Bound::Idle && !dark ? rgb(0x171a21) : dark ? rgb(0x0d1018) : rgb(0xffffff);
}

QColor Theme::named(size_t hash) const {
  static constexpr std::array<int, 8> hues{205, 165, 32, 265, 130, 345, 230, 55};
  const int hue = hues[hash % hues.size()];
  return dark ? QColor::fromHsl(hue, 90, 128) : QColor::fromHsl(hue, 95, 148);
}

void applyLook(QApplication& application, Look look) {
  static const QPalette system = QApplication::palette();
  static const QFont systemFont = QApplication::font();
  const bool dark = look == Look::Dark || (look == Look::System && system.color(QPalette::Window).lightness() < 128);
  const auto& theme = dark ? Theme::darkOne() : Theme::light();
  application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  QApplication::setFont(baseFont(systemFont));
  QApplication::setPalette(paletteOf(theme));
  application.setStyleSheet(sheetOf(theme));
}

QFont scaledFont(const QWidget&, double factor, QFont::Weight weight) {
  QFont font = QApplication::font();
  if (font.pixelSize() > 0) {
    font.setPixelSize(qRound(font.pixelSize() * factor));
  } else {
    font.setPointSizeF(font.pointSizeF() * factor);
  }
  font.setWeight(weight);
  return font;
}

QFont monoFont(const QWidget& widget, double factor) {
  QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  const auto base = scaledFont(widget, factor);
  base.pixelSize() > 0 ? font.setPixelSize(base.pixelSize()) : font.setPointSizeF(base.pointSizeF());
  return font;
}

}  // namespace ridgeline::gui
