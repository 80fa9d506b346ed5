#include "gui/models/text.h"

#include "base/units.h"

#include <cmath>

namespace ridgeline::gui {
namespace {

QString withMicro(const std::string& text) {
  QString out = qs(text);
  if (out.endsWith(QLatin1String(" us"))) out.replace(out.size() - 2, 1, QChar(0x00B5));
  return out;
}

}  // namespace

QString msText(double ms) { return withMicro(formatMs(ms)); }
QString bytesText(double bytes) { return qs(formatBytes(bytes)); }
QString rateText(double perSecond, std::string_view unit) { return qs(formatRate(perSecond, unit)); }
QString countText(double n) { return qs(formatCount(n)); }
QString percentText(double fraction) { return qs(formatPercent(fraction)); }
QString numberText(double value) { return qs(formatSignificant(value)); }

QString callsText(double calls) {
  return calls == std::floor(calls) && calls < 1e9 ? QString::number(calls, 'f', 0) : numberText(calls);
}

QString shortened(const QString& name, int characters) {
  if (name.size() <= characters || characters < 8) return name;
  const auto tail = characters * 2 / 3;
  return name.left(characters - tail - 1) + QChar(0x2026) + name.right(tail);
}

QString oneLine(const QString& text) {
  QString out = text;
  for (auto& c : out) {
    if (c < QLatin1Char(' ')) c = QLatin1Char(' ');
  }
  return out;
}

}  // namespace ridgeline::gui
