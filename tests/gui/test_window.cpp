// The window, driven as a person would.
#include "base/files.h"
#include "gui/app/main_window.h"
#include "gui/app/screenshots.h"
#include "gui/views/advice_view.h"
#include "gui/views/graph_view.h"
#include "gui/views/inspector.h"
#include "gui/views/roofline_view.h"
#include "gui/views/table_view.h"
#include "tests/gui/fixture.h"

#include <catch2/catch.hpp>

#include <QClipboard>
#include <QImage>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QTest>
#include <set>

using namespace ridgeline;
using namespace ridgeline::gui;
using namespace ridgeline::tests;

namespace {

struct Opened {
  QApplication& app = application();  // before any widget
  MainWindow window{nullptr};
  explicit Opened(const std::filesystem::path& path) {
    window.resize(1280, 800);
    window.show();
    bool done = false;
    QObject::connect(
        &window, &MainWindow::opened, &window, [&done] { done = true; }, Qt::SingleShotConnection);
    window.open(QString::fromStdString(path.string()));
    REQUIRE(waitUntil([&] { return done; }));
  }
  template <class View>
  View& page(const char* name) {
    auto* view = qobject_cast<View*>(window.page(QString::fromUtf8(name)));
    REQUIRE(view != nullptr);
    return *view;
  }
};

std::filesystem::path fileWith(const std::string& name, const std::string& content) {
  const auto path = scratch(name);
  REQUIRE(writeFileAtomically(path, content));
  return path;
}

int colors(const QImage& image) {
  std::set<QRgb> seen;
  for (int y = 0; y < image.height(); y += 3) {
    for (int x = 0; x < image.width(); x += 3) seen.insert(image.pixel(x, y));
  }
  return static_cast<int>(seen.size());
}

}  // namespace

TEST_CASE("One selection is shared by every page", "[gui]") {
  Opened opened(cpuProfile());
  auto& w = opened.window;
  CHECK(w.currentPage() == QStringLiteral("overview"));
  w.showPage(QStringLiteral("operators"));
  auto& table = opened.page<TableView>("operators").table();
  table.selectRow(0);
  const auto* conv = w.document()->findByName("conv1");
  CHECK(w.selection().item() == Item{ItemKind::Operator, conv->id.value});
  CHECK(w.inspector().text().startsWith(QStringLiteral("conv1\nConv, compute")));
  // And back: what is selected elsewhere is the table's current row.
  const auto* pool = w.document()->findByName("pool");
  w.selection().select({ItemKind::Operator, pool->id.value});
  CHECK(table.currentIndex().siblingAtColumn(0).data().toString() == QStringLiteral("pool"));
  REQUIRE(waitUntil([&] { return w.settled(); }));
  const auto& network = *opened.page<GraphView>("graph").network();
  CHECK(std::any_of(network.boxes.begin(), network.boxes.end(),
                    [&](const auto& b) { return b.item == w.selection().item(); }));
  QTest::keyClick(&w, Qt::Key_Escape);
  CHECK_FALSE(w.selection().item());
}

TEST_CASE("Every page is reached by its key and every widget that takes keys has a name", "[gui]") {
  Opened opened(cpuProfile());
  auto& w = opened.window;
  w.activateWindow();
  int number = 1;
  for (const auto& page : w.pages()) {
    if (page == QLatin1String("help")) continue;
    w.showPage(page);
    CHECK(w.currentPage() == page);
    for (auto* widget : w.page(page)->findChildren<QWidget*>()) {
      const bool takesKeys = (widget->focusPolicy() & Qt::TabFocus) != 0 && widget->isVisible() &&
                             !widget->objectName().startsWith(QLatin1String("qt_"));
      if (!takesKeys) continue;
      const auto* button = qobject_cast<QAbstractButton*>(widget);
      INFO(page.toStdString() << " " << widget->metaObject()->className());
      CHECK((!widget->accessibleName().isEmpty() || (button != nullptr && !button->text().isEmpty()) ||
             qobject_cast<QScrollBar*>(widget) != nullptr || widget->inherits("QScrollArea")));
    }
    ++number;
  }
  CHECK(number == 9);
}

TEST_CASE("A filter, a copy", "[gui]") {
  Opened opened(cpuProfile());
  auto& view = opened.page<TableView>("operators");
  opened.window.showPage(QStringLiteral("operators"));
  view.setFilterText(QStringLiteral("block1"));
  CHECK(view.table().model()->rowCount() == 2);
  view.table().copyCsv();
  const auto csv = QApplication::clipboard()->text();
  CHECK(csv.count(QStringLiteral("\r\n")) == 3);
  CHECK(csv.contains(QStringLiteral("block1/conv,Conv,2,")));
}

TEST_CASE("The roofline is picked with the mouse and walked with the keys", "[gui]") {
  Opened opened(cpuProfile());
  auto& w = opened.window;
  w.showPage(QStringLiteral("roofline"));
  auto& plot = opened.page<RooflineView>("roofline").plot();
  w.grab();
  const auto& point = plot.plot().points[0];
  QTest::mouseClick(&plot, Qt::LeftButton, {}, plot.at(point.x, point.y).toPoint());
  CHECK(w.selection().item() == point.item);
  QTest::keyClick(&plot, Qt::Key_Right);
  CHECK(w.selection().item() == plot.plot().points[1].item);
  QTest::keyClick(&plot, Qt::Key_Return);
  CHECK(w.currentPage() == QStringLiteral("operators"));
}

TEST_CASE("What cannot be opened is told in a line, and what was open stays", "[gui]") {
  Opened opened(cpuProfile());
  auto& w = opened.window;
  auto bytes = *readFile(cpuProfile());
  std::string damaged = bytes;
  for (size_t i = 5000; i < damaged.size(); i += 97) damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
  const std::vector<std::filesystem::path> bad{
      scratch("missing.ridge"),           fileWith("text.ridge", "no database"),
      fileWith("none.ridge", ""),         fileWith("short.ridge", bytes.substr(0, bytes.size() / 2)),
      fileWith("damaged.ridge", damaged), scratch("")};
  for (const auto& path : bad) {
    bool done = false;
    QObject::connect(
        &w, &MainWindow::opened, &w, [&done] { done = true; }, Qt::SingleShotConnection);
    w.open(QString::fromStdString(path.string()));
    REQUIRE(waitUntil([&] { return done; }));
    INFO(path.filename().string());
    CHECK_FALSE(w.message().isEmpty());
    CHECK_FALSE(w.message().contains(QLatin1Char('\n')));
    CHECK(w.document()->report.model == "net.onnx");
  }
}

TEST_CASE("Damage anywhere in a profile gives a message or a window, never a crash", "[gui]") {
  application();
  const auto bytes = *readFile(gpuProfile());
  for (int seed = 0; seed < 12; ++seed) {
    std::string damaged = bytes;
    for (size_t i = 4096 + static_cast<size_t>(seed) * 131; i < damaged.size();
         i += 4001 + static_cast<size_t>(seed) * 700)
      damaged[i] = static_cast<char>(i * 31 + static_cast<size_t>(seed));
    Opened opened(fileWith("flipped.ridge", damaged));
    auto& w = opened.window;
    if (!w.document()) {
      CHECK_FALSE(w.message().isEmpty());
      continue;
    }
    for (const auto& page : w.pages()) {
      w.showPage(page);
      w.grab();
      CHECK(waitUntil([&] { return w.settled(); }));
    }
  }
}

TEST_CASE("Every page of every kind of profile is drawn, light and dark, small and large", "[gui]") {
  auto& app = application();
  for (const auto look : {Look::Light, Look::Dark}) {
    applyLook(app, look);
    for (const auto& size : {QSize(1280, 800), QSize(2560, 1440)}) {
      for (const auto& path : {cpuProfile(), gpuProfile(), emptyProfile()}) {
        MainWindow window(nullptr);
        const auto folder = scratch("shots");
        const auto names = takeScreenshots(
            window, {QString::fromStdString(folder.string()), QString::fromStdString(path.string()), {}, size});
        INFO((names ? "" : names.error().text()));
        REQUIRE(names);
        CHECK(names->size() == 10);
        for (const auto& name : *names) {
          const QImage image(name);
          INFO(name.toStdString() << " of " << path.filename().string());
          CHECK(image.size() == size);
          CHECK(colors(image) > 20);
          CHECK((QColor(image.pixel(size.width() - 3, size.height() - 3)).lightness() < 128) == (look == Look::Dark));
        }
      }
    }
  }
  applyLook(app, Look::Light);
}

TEST_CASE("Screenshots of what is no profile fail with a message", "[gui]") {
  application();
  MainWindow window(nullptr);
  const auto names = takeScreenshots(
      window, {QString::fromStdString(scratch("shots").string()), QStringLiteral("nothing.ridge"), {}, {800, 600}});
  REQUIRE_FALSE(names);
  CHECK(names.error().code == ErrorCode::BadInput);
}

TEST_CASE("Two profiles are compared", "[gui]") {
  Opened opened(cpuProfile());
  opened.window.compareWith(QString::fromStdString(cpuProfile().string()));
  REQUIRE(
      waitUntil([&] { return opened.window.settled() && opened.window.currentPage() == QLatin1String("compare"); }));
  auto* table = opened.window.page(QStringLiteral("compare"))->findChild<TableWidget*>();
  REQUIRE(table != nullptr);
  CHECK(table->source().rowCount() == 11);
  CHECK(table->model()->index(0, 4).data(SortRole).toDouble() == 0);
}

TEST_CASE("The layout and the files that were open are remembered", "[gui]") {
  application();
  const auto file = QString::fromStdString(scratch("settings.ini").string());
  {
    QSettings settings(file, QSettings::IniFormat);
    MainWindow window(&settings);
    window.show();
    window.open(QString::fromStdString(cpuProfile().string()));
    REQUIRE(waitUntil([&] { return window.document() != nullptr; }));
    window.setLook(Look::Dark);
    window.resize(1111, 777);
    window.close();
  }
  QSettings settings(file, QSettings::IniFormat);
  CHECK(settings.value(QStringLiteral("recent")).toStringList() ==
        QStringList{QString::fromStdString(cpuProfile().string())});
  CHECK(settings.value(QStringLiteral("look")).toInt() == static_cast<int>(Look::Dark));
  MainWindow window(&settings);
  CHECK(window.size() == QSize(1111, 777));
  applyLook(application(), Look::Light);
}
