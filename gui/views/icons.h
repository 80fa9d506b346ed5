// Small drawings for the pages' buttons, in the colour of the text.
#pragma once

#include <QIcon>
#include <QString>

namespace ridgeline::gui {

QIcon pageIcon(const QString& page, const QColor& color);
QIcon windowIcon();

}  // namespace ridgeline::gui
