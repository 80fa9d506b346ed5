// Numbers and names as the window writes them: those of base/units.h, with a real micro sign.
#pragma once

#include <QString>
#include <optional>
#include <string>
#include <string_view>

namespace ridgeline::gui {

inline QString qs(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

QString msText(double ms);
QString bytesText(double bytes);
QString rateText(double perSecond, std::string_view unit);
QString countText(double n);
QString percentText(double fraction);
QString numberText(double value);
QString callsText(double calls);  // per run: most are whole

// An en dash for what is not known.
template <class Format>
QString orDash(const std::optional<double>& value, Format format) {
  return value ? format(*value) : QStringLiteral("–");
}

// A long name without its middle: "/layer4/…/relu_1/Relu_output_0".
QString shortened(const QString& name, int characters);

// One line of JSON-array evidence or of a note never breaks a row.
QString oneLine(const QString& text);

}  // namespace ridgeline::gui
