// The dialogs, clicked through as a person would; the program behind them is the real one.
#include "base/files.h"
#include "graph/samples/samples.h"
#include "gui/app/dialogs.h"
#include "gui/app/main_window.h"
#include "gui/models/text.h"
#include "gui/views/advice_view.h"
#include "tests/gui/fixture.h"

#include <catch2/catch.hpp>

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QAction>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QStatusBar>
#include <QTabWidget>
#include <QTest>
#include <QTimer>
#include <QUrl>

using namespace ridgeline;
using namespace ridgeline::gui;
using namespace ridgeline::tests;

namespace {

QString path(const std::string& name) { return QString::fromStdString(scratch(name).string()); }

struct Window {
  QApplication& app = application();
  MainWindow window;
  explicit Window(QSettings* settings = nullptr) : window(settings) {
    setenv("RIDGELINE_CACHE_DIR", scratch("cache").c_str(), 1);
    window.show();
  }

  void choose(const char* title) {
    for (auto* action : window.findChildren<QAction*>()) {
      if (action->text().remove(QLatin1Char('&')) == QString::fromUtf8(title)) return action->trigger();
    }
    FAIL("no action " << title);
  }
  template <class Dialog>
  Dialog& dialog() {
    Dialog* found = nullptr;
    REQUIRE(waitUntil([&] { return (found = window.findChild<Dialog*>()) != nullptr && found->isVisible(); }));
    return *found;
  }
  void waitOpened() {
    REQUIRE(waitUntil([this] { return !window.run().running() && window.document() != nullptr && window.settled(); }));
  }
};

QLineEdit& field(QWidget& in, const char* name) {
  for (auto* edit : in.findChildren<QLineEdit*>()) {
    if (edit->accessibleName() == QString::fromUtf8(name)) return *edit;
  }
  throw std::runtime_error(std::string("no field ") + name);
}

void write(QWidget& in, const char* name, const QString& text) {
  auto& edit = field(in, name);
  edit.setFocus();
  edit.selectAll();
  QTest::keyClicks(&edit, text);
}

QPushButton& primary(QWidget& in) {
  auto* button = in.findChild<QPushButton*>(QStringLiteral("primary"));
  REQUIRE(button != nullptr);
  return *button;
}

QString trouble(QWidget& in) { return in.findChild<QLabel*>(QStringLiteral("muted"))->text(); }

// Answers the file dialogs that will come up, in order.
class Answers : public QObject {
 public:
  explicit Answers(QStringList answers) : m_answers(std::move(answers)) {
    connect(&m_timer, &QTimer::timeout, this, [this] { answer(); });
    m_timer.start(10);
  }
  bool allAsked() const { return m_answers.isEmpty(); }

 private:
  void answer() {
    auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
    if (dialog == nullptr || !dialog->isVisible() || m_answers.isEmpty()) return;
    const QString next = m_answers.takeFirst();
    if (next.isEmpty()) return dialog->reject();
    auto* edit = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
    edit->setText(next);
    QTest::keyClick(edit, Qt::Key_Return);
  }
  QTimer m_timer;
  QStringList m_answers;
};

void drop(QWidget& on, const QStringList& paths) {
  QMimeData data;
  QList<QUrl> urls;
  for (const auto& p : paths) urls += QUrl::fromLocalFile(p);
  data.setUrls(urls);
  QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, {});
  QApplication::sendEvent(&on, &enter);
  REQUIRE(enter.isAccepted());
  QDropEvent event(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, {});
  QApplication::sendEvent(&on, &event);
}

void dropSample(QWidget& on, const char* sample, const char* file) {
  auto model = graph::makeSample(sample);
  REQUIRE(model);
  REQUIRE(model->save(scratch(file)));
  drop(on, {path(file)});
}

// A few calls and kernels as PyTorch writes them.
QString torchTrace() {
  std::string events;
  for (int i = 0; i < 4; ++i) {
    const auto at = std::to_string(1000 + i * 100), id = std::to_string(i + 1);
    events += R"({"ph":"X","cat":"cpu_op","name":"aten::mm","pid":1,"tid":1,"ts":)" + at +
              R"(,"dur":50,"args":{"External id":)" + id + "}},";
    events += R"({"ph":"X","cat":"cuda_runtime","name":"cudaLaunchKernel","pid":1,"tid":1,"ts":)" + at +
              R"(,"dur":9,"args":{"External id":)" + id + R"(,"correlation":)" + id + "}},";
    events += R"({"ph":"X","cat":"kernel","name":"sgemm","pid":0,"tid":7,"ts":)" + std::to_string(1020 + i * 100) +
              R"(,"dur":30,"args":{"External id":)" + id + R"(,"correlation":)" + id +
              R"(,"device":0,"stream":7,"grid":[8,8,1],"block":[128,1,1]}},)";
  }
  events.pop_back();
  const std::string text =
      R"({"schemaVersion":1,"deviceProperties":[{"id":0,"name":"Test GPU","numSms":80}],"traceEvents":[)" + events +
      "]}";
  REQUIRE(writeFileAtomically(scratch("torch.json"), text));
  return path("torch.json");
}

}  // namespace

TEST_CASE("A trace is imported from the menu, and opened", "[gui]") {
  const auto trace = torchTrace();
  Window w;
  Answers answers({trace, path("from-menu.ridge")});
  w.choose("Import trace…");
  REQUIRE(answers.allAsked());
  w.waitOpened();
  INFO(w.window.message().toStdString());
  REQUIRE(w.window.document()->kernels().size() == 1);
  CHECK(w.window.document()->kernels()[0].calls == 4);
  CHECK(w.window.document()->kernels()[0].timeMs == Approx(4 * 0.030));
  CHECK(w.window.message() == QStringLiteral("Done: import torch.json"));
}

TEST_CASE("What is no trace is told in the program's words", "[gui]") {
  REQUIRE(writeFileAtomically(scratch("notes.txt"), "nothing that was recorded"));
  Window w;
  Answers answers({path("notes.ridge")});
  drop(w.window, {path("notes.txt")});
  REQUIRE(waitUntil([&] { return !w.window.run().running() && !w.window.message().isEmpty(); }));
  CHECK(w.window.message().contains(QStringLiteral("notes.txt")));
  CHECK_FALSE(w.window.message().contains(QLatin1Char('\n')));
  CHECK(w.window.document() == nullptr);
  CHECK_FALSE(QFileInfo::exists(path("notes.ridge")));
}

TEST_CASE("A command is recorded: what stands in its way is said before", "[gui]") {
  Window w;
  w.choose("Record…");
  auto& dialog = w.dialog<RecordDialog>();
  CHECK_FALSE(primary(dialog).isEnabled());
  CHECK(trouble(dialog) == QStringLiteral("Choose an ONNX model."));
  dialog.findChild<QTabWidget*>()->setCurrentIndex(1);
  write(dialog, "Command", QStringLiteral("sh -c \"exit 0"));
  CHECK(trouble(dialog).contains(QStringLiteral("quote")));
  QTest::keyClicks(&field(dialog, "Command"), QStringLiteral("\""));
  CHECK(trouble(dialog) == QStringLiteral("Choose where to write the profile."));
  write(dialog, "Profile", path("command.ridge"));
  REQUIRE(primary(dialog).isEnabled());
  QTest::keyClick(&field(dialog, "Profile"), Qt::Key_Return);
  w.waitOpened();
  CHECK(w.window.document()->path.filename() == "command.ridge");
}

TEST_CASE("A recording shows its progress and is stopped", "[gui]") {
  Window w;
  dropSample(w.window, "tiny-resnet", "residual.onnx");
  auto& dialog = w.dialog<RecordDialog>();
  CHECK(field(dialog, "Profile").text() == path("residual.ridge"));
  QTest::mouseClick(&primary(dialog), Qt::LeftButton);
  auto& run = w.window.run();
  REQUIRE(waitUntil([&] { return run.running() && run.phase() != QStringLiteral("start"); }));
  CHECK(w.window.statusBar()->isVisible());
  auto* stop = w.window.statusBar()->findChild<QPushButton*>();
  QTest::mouseClick(stop, Qt::LeftButton);
  REQUIRE(waitUntil([&] { return !run.running(); }));
  CHECK(w.window.message() == QStringLiteral("Stopped: record residual.ridge"));
  CHECK_FALSE(w.window.statusBar()->isVisible());
}

TEST_CASE("An optimization asks for a model, refuses to overwrite it, and says why the program failed", "[gui]") {
  REQUIRE(writeFileAtomically(scratch("broken.onnx"), "no model"));
  Window w;
  w.window.open(QString::fromStdString(cpuProfile().string()));
  w.waitOpened();
  w.choose("Optimize…");
  auto& dialog = w.dialog<OptimizeDialog>();
  CHECK_FALSE(primary(dialog).isEnabled());
  write(dialog, "Model", path("broken.onnx"));
  write(dialog, "Write to", path("broken.onnx"));
  CHECK(trouble(dialog) == QStringLiteral("The result needs a name of its own."));
  write(dialog, "Write to", path("fast.onnx"));
  write(dialog, "Time to spend", QStringLiteral("soon"));
  CHECK_FALSE(primary(dialog).isEnabled());
  write(dialog, "Time to spend", QStringLiteral("30s"));
  REQUIRE(primary(dialog).isEnabled());
  QTest::mouseClick(&primary(dialog), Qt::LeftButton);
  REQUIRE(waitUntil([&] { return w.window.run().running() || !w.window.message().isEmpty(); }));
  REQUIRE(waitUntil([&] { return !w.window.run().running() && !w.window.message().isEmpty(); }));
  CHECK(w.window.message().contains(QStringLiteral("broken.onnx")));
  CHECK(w.window.document() != nullptr);
}

TEST_CASE("An optimization runs to its end, and the window shows before and after", "[gui]") {
  Window w;
  dropSample(w.window, "tiny-bert", "tiny.onnx");
  auto& record = w.dialog<RecordDialog>();
  write(record, "Shapes", QStringLiteral("N=1 T=16"));
  QTest::mouseClick(&primary(record), Qt::LeftButton);
  w.waitOpened();
  INFO(w.window.message().toStdString());
  REQUIRE(w.window.document()->report.latencyMs);
  CHECK_FALSE(w.window.document()->proof);
  w.choose("Optimize…");
  auto& dialog = w.dialog<OptimizeDialog>();
  write(dialog, "Model", path("tiny.onnx"));
  write(dialog, "Write to", path("tiny.fast.onnx"));
  write(dialog, "Shapes", QStringLiteral("N=1 T=16"));
  write(dialog, "Time to spend", QStringLiteral("10s"));
  REQUIRE(primary(dialog).isEnabled());
  QTest::mouseClick(&primary(dialog), Qt::LeftButton);
  const auto before = w.window.document();
  REQUIRE(waitUntil([&] { return !w.window.run().running() && w.window.document() != before && w.window.settled(); }));
  INFO(w.window.message().toStdString());
  CHECK(w.window.message() == QStringLiteral("Done: optimize tiny.onnx"));
  CHECK(graph::Model::load(scratch("tiny.fast.onnx")));
  CHECK(w.window.currentPage() == QStringLiteral("advice"));
  const auto& document = *w.window.document();
  CHECK_FALSE(document.trials.empty());
  REQUIRE(document.proof);
  CHECK(document.proof->baselineMs > 0);
  const auto* banner = w.window.findChild<ProofBanner*>();
  REQUIRE(banner != nullptr);
  CHECK(banner->isVisible());
  CHECK(banner->accessibleDescription().contains(msText(document.proof->baselineMs) + QStringLiteral(" before")));
  CHECK(banner->accessibleDescription().contains(msText(document.proof->optimizedMs) + QStringLiteral(" after")));
}

TEST_CASE("Two dropped profiles are compared, and the menu compares with a third", "[gui]") {
  Window w;
  const auto first = QString::fromStdString(cpuProfile().string()),
             second = QString::fromStdString(gpuProfile().string());
  drop(w.window, {first, second});
  REQUIRE(waitUntil([&] { return w.window.currentPage() == QLatin1String("compare") && w.window.settled(); }));
  w.window.showPage(QStringLiteral("overview"));
  Answers answers({first});
  w.choose("Compare with…");
  CHECK(answers.allAsked());
  REQUIRE(waitUntil([&] { return w.window.currentPage() == QLatin1String("compare") && w.window.settled(); }));
}

TEST_CASE("Recent files are offered and open with a key", "[gui]") {
  application();
  QSettings settings(path("recent.ini"), QSettings::IniFormat);
  Window w(&settings);
  w.window.open(QString::fromStdString(gpuProfile().string()));
  w.waitOpened();
  w.choose("Close profile");
  CHECK(w.window.document() == nullptr);
  CHECK(w.window.currentPage() == QStringLiteral("start"));
  QPushButton* recent = nullptr;
  REQUIRE(waitUntil([&] {
    for (auto* button : w.window.findChildren<QPushButton*>()) {
      if (button->isVisible() && button->toolTip() == QString::fromStdString(gpuProfile().string())) recent = button;
    }
    return recent != nullptr;
  }));
  recent->setFocus();
  QTest::keyClick(recent, Qt::Key_Space);
  w.waitOpened();
  CHECK(w.window.document()->report.profileName == "gpu.ridge");
}

TEST_CASE("An answer that is not given changes nothing", "[gui]") {
  Window w;
  for (const char* title : {"Open profile…", "Import trace…"}) {
    Answers answers({QString()});
    w.choose(title);
    CHECK(answers.allAsked());
  }
  w.choose("Compare with…");
  CHECK(w.window.message().contains(QStringLiteral("Open a profile first")));
  w.choose("Record…");
  QTest::keyClick(&w.dialog<RecordDialog>(), Qt::Key_Escape);
  CHECK_FALSE(w.window.run().running());
  CHECK(w.window.document() == nullptr);
}

TEST_CASE("Every control that takes keys has a name for screen readers, in the window and its dialogs", "[gui]") {
  Window w;
  w.window.open(QString::fromStdString(cpuProfile().string()));
  w.waitOpened();
  const auto look = [](QWidget& in) {
    int seen = 0;
    for (auto* widget : in.findChildren<QWidget*>()) {
      const bool control = (widget->focusPolicy() & Qt::TabFocus) != 0 || qobject_cast<QAbstractButton*>(widget) ||
                           qobject_cast<QProgressBar*>(widget);
      if (!control || widget->objectName().startsWith(QLatin1String("qt_"))) continue;
      if (qobject_cast<QLineEdit*>(widget) && qobject_cast<QAbstractSpinBox*>(widget->parentWidget())) continue;
      if (widget->inherits("QScrollBar") || widget->inherits("QTabBar") || widget->inherits("QTableCornerButton") ||
          widget->inherits("QLineEditIconButton") || widget->inherits("QMenu"))
        continue;
      ++seen;
      const auto* button = qobject_cast<QAbstractButton*>(widget);
      INFO(widget->metaObject()->className() << " in " << widget->parentWidget()->metaObject()->className());
      CHECK((!widget->accessibleName().isEmpty() || (button != nullptr && !button->text().isEmpty())));
    }
    return seen;
  };
  CHECK(look(w.window) > 20);
  RecordDialog record;
  CHECK(look(record) > 8);
  OptimizeDialog optimize(w.window.document());
  CHECK(look(optimize) > 12);
}
