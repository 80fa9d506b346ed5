#include "gui/app/screenshots.h"

#include "gui/app/main_window.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QThread>
#include <functional>

namespace ridgeline::gui {
namespace {

constexpr int kPatience = 120'000;  // ms

bool waitFor(const std::function<bool()>& done) {
  QElapsedTimer timer;
  timer.start();
  while (!done()) {
    if (timer.elapsed() > kPatience) return false;
    QApplication::processEvents(QEventLoop::AllEvents, 20);
    QThread::msleep(2);
  }
  return true;
}

Status openAll(MainWindow& window, const ScreenshotOptions& options) {
  bool opened = false;
  QObject::connect(
      &window, &MainWindow::opened, &window, [&opened] { opened = true; }, Qt::SingleShotConnection);
  window.open(options.profile);
  if (!waitFor([&] { return opened; })) return unavailable("opening the profile takes too long");
  if (!window.document()) return badInput(window.message().toStdString());
  if (!options.other.isEmpty()) {
    window.compareWith(options.other);
    waitFor([&] { return window.settled(); });
    if (!window.message().isEmpty()) return badInput(window.message().toStdString());
  }
  // Something is selected, so that the panel beside the pages is seen.
  const auto& report = window.document()->report;
  if (!report.operators.empty()) {
    window.selection().select({ItemKind::Operator, report.operators.front().id.value});
  } else if (!window.document()->kernels().empty()) {
    window.selection().select({ItemKind::Kernel, 1});
  }
  return {};
}

}  // namespace

Result<QStringList> takeScreenshots(MainWindow& window, const ScreenshotOptions& options) {
  if (!QDir().mkpath(options.folder)) return unavailable("cannot make the folder " + options.folder.toStdString());
  window.resize(options.size);
  window.show();
  QStringList names;
  const auto grab = [&](const QString& name) -> Status {
    // Twice: what a page asks for when it is first drawn arrives after that.
    for (int i = 0; i < 2; ++i) {
      QApplication::processEvents();
      window.grab();
      if (!waitFor([&] { return window.settled(); }))
        return unavailable("the page " + name.toStdString() + " takes too long");
    }
    const QString path = options.folder + QLatin1Char('/') + name + QStringLiteral(".png");
    if (!window.grab().save(path)) return unavailable("cannot write " + path.toStdString());
    names += path;
    return {};
  };
  if (auto s = grab(QStringLiteral("start")); !s) return passOn(s);
  if (options.profile.isEmpty()) return names;
  if (auto s = openAll(window, options); !s) return passOn(s);
  for (const auto& page : window.pages()) {
    window.showPage(page);
    const auto& advice = window.document()->report.advice;
    if (page == QLatin1String("advice") && !advice.empty())
      window.selection().select({ItemKind::Advice, advice.front().id.value});
    if (auto s = grab(page); !s) return passOn(s);
  }
  return names;
}

}  // namespace ridgeline::gui
