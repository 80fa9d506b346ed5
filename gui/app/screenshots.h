// Every page of a profile as a picture, with no screen.
#pragma once

#include "base/result.h"

#include <QSize>
#include <QString>
#include <QStringList>

namespace ridgeline::gui {

class MainWindow;

struct ScreenshotOptions {
  QString folder, profile, other;  // other: to compare with; may be empty
  QSize size{1280, 800};
};

// Writes overview.png, roofline.png and so on. Runs the event loop; returns the files' names.
Result<QStringList> takeScreenshots(MainWindow& window, const ScreenshotOptions& options);

}  // namespace ridgeline::gui
