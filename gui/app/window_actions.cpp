// The window's menus, and what it asks the command line program to do.
#include "gui/app/dialogs.h"
#include "gui/app/main_window.h"
#include "gui/models/text.h"

#include <QActionGroup>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QMenuBar>
#include <QProgressBar>
#include <QSettings>
#include <QStatusBar>

namespace ridgeline::gui {
namespace {

const QString kProfiles = QStringLiteral("Profiles (*.ridge);;All files (*)");

}  // namespace

void MainWindow::makeMenus() {
  auto* file = menuBar()->addMenu(QStringLiteral("&File"));
  file->addAction(QStringLiteral("&Open profile…"), QKeySequence::Open, this, [this] { act(QStringLiteral("open")); });
  file->addAction(QStringLiteral("&Record…"), QKeySequence(Qt::CTRL | Qt::Key_R), this,
                  [this] { act(QStringLiteral("record")); });
  file->addAction(QStringLiteral("&Import trace…"), QKeySequence(Qt::CTRL | Qt::Key_I), this,
                  [this] { act(QStringLiteral("import")); });
  file->addSeparator();
  file->addAction(QStringLiteral("O&ptimize…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O), this,
                  [this] { act(QStringLiteral("optimize")); });
  file->addAction(QStringLiteral("&Compare with…"), QKeySequence(Qt::CTRL | Qt::Key_D), this,
                  [this] { act(QStringLiteral("compare")); });
  file->addSeparator();
  file->addAction(QStringLiteral("&Close profile"), QKeySequence(Qt::CTRL | Qt::Key_W), this,
                  [this] { setDocument(nullptr); });
  file->addAction(QStringLiteral("&Quit"), QKeySequence::Quit, this, &QWidget::close);
  auto* view = menuBar()->addMenu(QStringLiteral("&View"));
  int number = 0;
  for (const auto& page : m_pages) {
    const auto name = page.name;
    const auto key = name == QLatin1String("help")
                         ? QKeySequence(Qt::Key_F1)
                         : QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + number++));
    view->addAction(page.title, key, this, [this, name] { showPage(name); });
  }
  view->addSeparator();
  view->addAction(QStringLiteral("&Search"), QKeySequence::Find, this, [this] {
    if (auto* current = page(currentPage())) current->focusSearch();
  });
  view->addAction(QStringLiteral("&Details of the selection"), QKeySequence(Qt::CTRL | Qt::Key_B), this, [this] {
    m_inspectorWanted = !m_inspectorWanted;
    showPage(currentPage());
  });
  auto* look = view->addMenu(QStringLiteral("&Look"));
  auto* group = new QActionGroup(this);
  const int chosen = m_settings == nullptr ? 0 : m_settings->value(QStringLiteral("look"), 0).toInt();
  for (const auto& [title, which] :
       {std::pair{"As the &desktop", Look::System}, {"&Light", Look::Light}, {"Dar&k", Look::Dark}}) {
    const Look value = which;
    auto* action = look->addAction(QString::fromUtf8(title), this, [this, value] { setLook(value); });
    action->setCheckable(true);
    action->setChecked(static_cast<int>(which) == chosen);
    group->addAction(action);
  }
}

void MainWindow::act(const QString& name) {
  if (name == QLatin1String("open")) askOpen();
  if (name == QLatin1String("record")) askRecord({});
  if (name == QLatin1String("import")) askImport({});
  if (name == QLatin1String("optimize")) askOptimize();
  if (name == QLatin1String("compare")) askCompare();
}

void MainWindow::askOpen() {
  const QString path = QFileDialog::getOpenFileName(this, QStringLiteral("Open a profile"), {}, kProfiles);
  if (!path.isEmpty()) open(path);
}

void MainWindow::askCompare() {
  if (!m_document)
    return showMessage(QStringLiteral("Open a profile first: it is what the other is compared with."), true);
  const QString path = QFileDialog::getOpenFileName(this, QStringLiteral("Compare with"), {}, kProfiles);
  if (!path.isEmpty()) compareWith(path);
}

void MainWindow::askRecord(const QString& model) {
  auto* dialog = new RecordDialog(this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  if (!model.isEmpty()) dialog->setModel(model);
  connect(dialog, &QDialog::accepted, this, [this, dialog] {
    startRun(dialog->arguments(), QStringLiteral("record %1").arg(QFileInfo(dialog->output()).fileName()),
             dialog->output());
  });
  dialog->open();
}

void MainWindow::askImport(const QStringList& given) {
  const auto traces = given.isEmpty() ? QFileDialog::getOpenFileNames(
                                            this, QStringLiteral("Import traces"), {},
                                            QStringLiteral("Traces (*.json *.json.gz *.sqlite *.csv);;All files (*)"))
                                      : given;
  if (traces.isEmpty()) return;
  const QFileInfo first(traces.first());
  const QString proposed = first.path() + QLatin1Char('/') + first.completeBaseName() + QStringLiteral(".ridge");
  const QString output =
      QFileDialog::getSaveFileName(this, QStringLiteral("Write the profile to"), proposed, kProfiles);
  if (output.isEmpty()) return;
  startRun(argumentsOfImport(traces, output), QStringLiteral("import %1").arg(first.fileName()), output);
}

void MainWindow::askOptimize() {
  auto* dialog = new OptimizeDialog(m_document, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QDialog::accepted, this, [this, dialog] {
    const auto options = dialog->options();
    startRun(argumentsOf(options), QStringLiteral("optimize %1").arg(QFileInfo(options.model).fileName()),
             options.profile);
  });
  dialog->open();
}

// What a dropped file is, by its name: the program says what is wrong if it is something else.
void MainWindow::openAny(const QStringList& paths) {
  QStringList profiles, models, traces;
  for (const auto& path : paths) {
    (path.endsWith(QLatin1String(".ridge"))  ? profiles
     : path.endsWith(QLatin1String(".onnx")) ? models
                                             : traces) += path;
  }
  if (!profiles.isEmpty()) {
    open(profiles.first());
    if (profiles.size() > 1) {
      connect(
          this, &MainWindow::opened, this,
          [this, other = profiles[1]] {
            if (m_document) compareWith(other);
          },
          Qt::SingleShotConnection);
    }
  } else if (!models.isEmpty()) {
    askRecord(models.first());
  } else if (!traces.isEmpty()) {
    askImport(traces);
  }
}

void MainWindow::startRun(const QStringList& arguments, const QString& title, const QString& thenOpen) {
  if (m_run.running())
    return showMessage(QStringLiteral("Something is running already: %1. Stop it first.").arg(m_run.title()), true);
  m_thenOpen = thenOpen;
  showMessage({}, false);
  statusBar()->show();
  m_run.start(findProgram(), arguments, title);
}

void MainWindow::runChanged() {
  QString text = m_run.title() + QStringLiteral("   ") + m_run.phase();
  if (!m_run.notes().isEmpty()) text += QStringLiteral("   ·   ") + shortened(m_run.notes().last(), 90);
  m_runText->setText(text);
  m_runText->setToolTip(m_run.notes().join(QLatin1Char('\n')));
  const bool known = m_run.fraction() >= 0;
  m_runBar->setRange(0, known ? 1000 : 0);
  if (known) m_runBar->setValue(static_cast<int>(m_run.fraction() * 1000));
}

void MainWindow::runEnded(int status, const QString& message) {
  statusBar()->hide();
  const QString path = std::exchange(m_thenOpen, {});
  if (!path.isEmpty() && QFileInfo::exists(path) && (status == 0 || status == 1)) {
    connect(
        this, &MainWindow::opened, this,
        [this, message, status] {
          if (!m_document) return;
          showMessage(message, status != 0);
          if (m_document->proof) showPage(QStringLiteral("advice"));
        },
        Qt::SingleShotConnection);
    return open(path);
  }
  showMessage(message, status != 0);
}

}  // namespace ridgeline::gui
