#include "gui/app/main_window.h"
#include "gui/app/screenshots.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <cstdio>
#include <optional>

namespace ridgeline::gui {
namespace {

int complain(const QString& text, int status) {
  std::fprintf(stderr, "ridgeline-gui: %s\n", qPrintable(text));
  return status;
}

int statusOf(ErrorCode code) { return code == ErrorCode::BadInput ? 3 : code == ErrorCode::Unavailable ? 4 : 70; }

struct Options {
  QCommandLineOption screenshot{QStringLiteral("screenshot"),
                                QStringLiteral("Render every page into this folder and end; needs no screen"),
                                QStringLiteral("DIR")};
  QCommandLineOption size{QStringLiteral("size"), QStringLiteral("Of the window: 1280x800"), QStringLiteral("WxH"),
                          QStringLiteral("1280x800")};
  QCommandLineOption look{QStringLiteral("look"), QStringLiteral("system, light or dark"), QStringLiteral("LOOK"),
                          QStringLiteral("system")};
  QCommandLineOption compare{QStringLiteral("compare"), QStringLiteral("Compare with this profile"),
                             QStringLiteral("FILE.ridge")};
  QCommandLineOption page{QStringLiteral("page"),
                          QStringLiteral("Begin with this page: overview, roofline, timeline, ..."),
                          QStringLiteral("NAME")};
};

std::optional<QSize> parseSize(const QString& text) {
  const auto parts = text.split(QLatin1Char('x'));
  if (parts.size() != 2) return std::nullopt;
  const QSize size(parts[0].toInt(), parts[1].toInt());
  return size.width() >= 400 && size.height() >= 300 && size.width() <= 16384 && size.height() <= 16384
             ? std::optional(size)
             : std::nullopt;
}

std::optional<Look> parseLook(const QString& text) {
  if (text == QLatin1String("system")) return Look::System;
  if (text == QLatin1String("light")) return Look::Light;
  if (text == QLatin1String("dark")) return Look::Dark;
  return std::nullopt;
}

int screenshots(const QCommandLineParser& parser, const Options& options, const QString& file) {
  const auto size = parseSize(parser.value(options.size));
  if (!size) return complain(QStringLiteral("--size wants WIDTHxHEIGHT, like 1280x800"), 2);
  MainWindow window(nullptr);
  ScreenshotOptions wanted{parser.value(options.screenshot), file, parser.value(options.compare), *size};
  auto names = takeScreenshots(window, wanted);
  if (!names) return complain(QString::fromStdString(names.error().text()), statusOf(names.error().code));
  for (const auto& name : *names) std::printf("%s\n", qPrintable(name));
  return 0;
}

int run(QApplication& application) {
  QCommandLineParser parser;
  parser.setApplicationDescription(
      QStringLiteral("Shows where the time of a profile goes, why, and what to do about it."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(QStringLiteral("FILE"),
                               QStringLiteral("A profile (.ridge), a model (.onnx) to record, or a trace to import"),
                               QStringLiteral("[FILE]"));
  const Options options;
  parser.addOptions({options.screenshot, options.size, options.look, options.compare, options.page});
  if (!parser.parse(QApplication::arguments())) return complain(parser.errorText(), 2);
  if (parser.isSet(QStringLiteral("help"))) parser.showHelp(0);
  if (parser.isSet(QStringLiteral("version"))) parser.showVersion();
  const auto look = parseLook(parser.value(options.look));
  if (!look) return complain(QStringLiteral("--look wants system, light or dark"), 2);
  const auto files = parser.positionalArguments();
  if (files.size() > 1) return complain(QStringLiteral("one file at a time; --compare names the other"), 2);
  if (parser.isSet(options.screenshot)) {
    applyLook(application, *look);
    return screenshots(parser, options, files.value(0));
  }
  QSettings settings;
  applyLook(application,
            parser.isSet(options.look) ? *look : static_cast<Look>(settings.value(QStringLiteral("look"), 0).toInt()));
  MainWindow window(&settings);
  window.show();
  if (!files.isEmpty()) {
    QObject::connect(
        &window, &MainWindow::opened, &window,
        [&] {
          if (parser.isSet(options.compare)) window.compareWith(parser.value(options.compare));
          if (parser.isSet(options.page)) window.showPage(parser.value(options.page));
        },
        Qt::SingleShotConnection);
    window.openAny(files);
  }
  return QApplication::exec();
}

}  // namespace
}  // namespace ridgeline::gui

int main(int argc, char** argv) {
  // Without a screen there is nothing to connect to.
  for (int i = 1; i < argc; ++i) {
    const bool screenshot = QByteArrayView(argv[i]).startsWith("--screenshot");
    if (screenshot && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  }
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("ridgeline-gui"));
  QApplication::setApplicationDisplayName(QStringLiteral("Ridgeline"));
  QApplication::setOrganizationName(QStringLiteral("ridgeline"));
  QApplication::setApplicationVersion(QStringLiteral(RIDGELINE_VERSION));
  return ridgeline::gui::run(application);
}
