#include "gui/app/main_window.h"

#include "gui/models/text.h"
#include "gui/views/advice_view.h"
#include "gui/views/compare_view.h"
#include "gui/views/graph_view.h"
#include "gui/views/help_view.h"
#include "gui/views/icons.h"
#include "gui/views/inspector.h"
#include "gui/views/overview_view.h"
#include "gui/views/roofline_view.h"
#include "gui/views/start_view.h"
#include "gui/views/table_view.h"
#include "gui/views/timeline_view.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QThreadPool>

namespace ridgeline::gui {

MainWindow::MainWindow(QSettings* settings, QWidget* parent) : QMainWindow(parent), m_settings(settings) {
  setWindowTitle(QStringLiteral("Ridgeline"));
  setWindowIcon(windowIcon());
  setAcceptDrops(true);
  setMinimumSize(820, 560);
  resize(1280, 800);
  m_stack = new QStackedWidget;
  m_inspector = new Inspector(&m_selection);
  m_inspector->setMinimumWidth(220);
  m_splitter = new QSplitter;
  m_splitter->addWidget(m_stack);
  m_splitter->addWidget(m_inspector);
  m_splitter->setStretchFactor(0, 1);
  m_splitter->setCollapsible(0, false);
  m_splitter->setSizes({800, 290});
  m_splitter->setHandleWidth(3);
  auto* right = new QWidget;
  auto* rightLayout = new QVBoxLayout(right);
  rightLayout->setContentsMargins(0, 0, 0, 0);
  rightLayout->setSpacing(0);
  rightLayout->addWidget(makeHeader());
  rightLayout->addWidget(makeMessage());
  rightLayout->addWidget(m_splitter, 1);
  auto* center = new QWidget;
  auto* layout = new QHBoxLayout(center);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(makeSidebar());
  layout->addWidget(right, 1);
  setCentralWidget(center);
  addPages();
  makeStatus();
  makeMenus();
  connect(&m_run, &ProgramRun::changed, this, &MainWindow::runChanged);
  connect(&m_run, &ProgramRun::ended, this, &MainWindow::runEnded);
  connect(m_inspector, &Inspector::jump, this, &MainWindow::jumpTo);
  restoreLayout();
  setDocument(nullptr);
}

MainWindow::~MainWindow() = default;

void MainWindow::addPages() {
  m_start = new StartView;
  m_overview = new OverviewView(&m_selection);
  m_roofline = new RooflineView(&m_selection);
  m_timeline = new TimelineView(&m_selection);
  m_operators = new TableView(
      &m_selection, operatorTable, QStringLiteral("No operators"),
      QStringLiteral("This profile was not recorded from a model. Its kernels have a page of their own."));
  m_kernels = new TableView(
      &m_selection, kernelTable, QStringLiteral("No kernels"),
      QStringLiteral("Kernels are what runs on an accelerator. This profile has none: record a program that uses "
                     "one, or import a trace."));
  m_graph = new GraphView(&m_selection);
  m_advice = new AdviceView(&m_selection);
  m_compare = new CompareView(&m_selection);
  m_help = new HelpView;
  addPage(QStringLiteral("overview"), QStringLiteral("Overview"), m_overview, false);
  addPage(QStringLiteral("roofline"), QStringLiteral("Roofline"), m_roofline, true);
  addPage(QStringLiteral("timeline"), QStringLiteral("Timeline"), m_timeline, true);
  addPage(QStringLiteral("operators"), QStringLiteral("Operators"), m_operators, true);
  addPage(QStringLiteral("kernels"), QStringLiteral("Kernels"), m_kernels, true);
  addPage(QStringLiteral("graph"), QStringLiteral("Graph"), m_graph, true);
  addPage(QStringLiteral("advice"), QStringLiteral("Advice"), m_advice, true);
  addPage(QStringLiteral("compare"), QStringLiteral("Compare"), m_compare, false);
  m_sidebar->addStretch();
  addPage(QStringLiteral("help"), QStringLiteral("Help"), m_help, false);
  m_stack->addWidget(m_start);
  connect(m_start, &View::action, this, &MainWindow::act);
  connect(m_start, &StartView::openFile, this, &MainWindow::open);
  connect(m_timeline, &TimelineView::facts, m_inspector, &Inspector::showFacts);
}

void MainWindow::addPage(const QString& name, const QString& title, View* view, bool withInspector) {
  auto* button = new QPushButton(title);
  button->setObjectName(QStringLiteral("nav"));
  button->setCheckable(true);
  button->setAutoExclusive(true);
  button->setIconSize({16, 16});
  connect(button, &QPushButton::clicked, this, [this, name] { showPage(name); });
  connect(view, &View::jump, this, &MainWindow::jumpTo);
  connect(view, &View::action, this, &MainWindow::act);
  m_sidebar->addWidget(button);
  m_stack->addWidget(view);
  m_pages.push_back({name, title, view, button, withInspector});
}

QWidget* MainWindow::makeSidebar() {
  auto* sidebar = new QWidget;
  sidebar->setObjectName(QStringLiteral("sidebar"));
  sidebar->setAttribute(Qt::WA_StyledBackground);
  sidebar->setFixedWidth(QFontMetrics(QApplication::font()).averageCharWidth() * 14 + 52);
  m_sidebar = new QVBoxLayout(sidebar);
  m_sidebar->setContentsMargins(8, 14, 8, 10);
  m_sidebar->setSpacing(2);
  return sidebar;
}

QWidget* MainWindow::makeHeader() {
  auto* header = new QWidget;
  header->setObjectName(QStringLiteral("header"));
  header->setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QHBoxLayout(header);
  layout->setContentsMargins(20, 9, 16, 9);
  m_title = new QLabel;
  m_title->setFont(scaledFont(*this, 1.2, QFont::DemiBold));
  m_subtitle = new QLabel;
  m_subtitle->setObjectName(QStringLiteral("muted"));
  m_subtitle->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  layout->addWidget(m_title);
  layout->addSpacing(10);
  layout->addWidget(m_subtitle, 1);
  return header;
}

QWidget* MainWindow::makeMessage() {
  m_message = new QFrame;
  m_message->setObjectName(QStringLiteral("header"));
  m_message->setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QHBoxLayout(m_message);
  layout->setContentsMargins(20, 6, 10, 6);
  m_messageText = new QLabel;
  m_messageText->setWordWrap(true);
  m_messageText->setTextFormat(Qt::PlainText);
  m_messageText->setAccessibleName(QStringLiteral("Message"));
  auto* close = new QPushButton(QStringLiteral("Dismiss"));
  close->setObjectName(QStringLiteral("chip"));
  connect(close, &QPushButton::clicked, this, [this] { showMessage({}, false); });
  layout->addWidget(m_messageText, 1);
  layout->addWidget(close);
  m_message->hide();
  return m_message;
}

void MainWindow::makeStatus() {
  m_runText = new QLabel;
  m_runBar = new QProgressBar;
  m_runBar->setFixedWidth(220);
  m_runBar->setTextVisible(false);
  m_runBar->setRange(0, 1000);
  m_runBar->setAccessibleName(QStringLiteral("Progress"));
  m_runCancel = new QPushButton(QStringLiteral("Stop"));
  m_runCancel->setObjectName(QStringLiteral("chip"));
  connect(m_runCancel, &QPushButton::clicked, &m_run, &ProgramRun::cancel);
  statusBar()->setSizeGripEnabled(false);
  statusBar()->addWidget(m_runText, 1);
  statusBar()->addPermanentWidget(m_runBar);
  statusBar()->addPermanentWidget(m_runCancel);
  statusBar()->hide();
}

QStringList MainWindow::pages() const {
  QStringList names;
  for (const auto& page : m_pages) names += page.name;
  return names;
}

View* MainWindow::page(const QString& name) const {
  for (const auto& page : m_pages) {
    if (page.name == name) return page.view;
  }
  return nullptr;
}

QString MainWindow::currentPage() const {
  for (const auto& page : m_pages) {
    if (page.view == m_stack->currentWidget()) return page.name;
  }
  return QStringLiteral("start");
}

void MainWindow::showPage(const QString& name) {
  for (const auto& page : m_pages) {
    if (page.name != name || !page.button->isEnabled()) continue;
    m_stack->setCurrentWidget(page.view);
    page.button->setChecked(true);
    m_inspector->setVisible(page.withInspector && m_inspectorWanted && m_document);
    page.view->setFocus();
  }
  updateIcons();
}

void MainWindow::jumpTo(const QString& page) {
  // Kernels and operators have tables of their own.
  if (page == QLatin1String("operators") && m_selection.item().kind == ItemKind::Kernel)
    return showPage(QStringLiteral("kernels"));
  showPage(page);
}

void MainWindow::open(const QString& path) {
  m_subtitle->setText(QStringLiteral("reading %1 …").arg(QFileInfo(path).fileName()));
  showMessage({}, false);
  m_loader.load(path, [this, path](DocumentPtr document, const QString& error) {
    if (document) {
      remember(path);
      setDocument(std::move(document));
      showPage(QStringLiteral("overview"));
    } else {
      updateHeader();
      showMessage(error, true);
    }
    Q_EMIT opened();
  });
}

void MainWindow::compareWith(const QString& path) {
  m_otherLoader.load(path, [this](DocumentPtr document, const QString& error) {
    if (!document) return showMessage(error, true);
    m_other = std::move(document);
    m_compare->setOther(m_other);
    m_roofline->setAfter(m_other);
    showPage(QStringLiteral("compare"));
  });
}

void MainWindow::setDocument(DocumentPtr document) {
  m_document = std::move(document);
  m_other.reset();
  m_compare->setOther(nullptr);
  m_roofline->setAfter(nullptr);
  m_selection.select({});
  for (const auto& page : m_pages) {
    page.view->setDocument(m_document);
    page.button->setEnabled(m_document || page.name == QLatin1String("help"));
  }
  m_inspector->setDocument(m_document);
  updateHeader();
  if (m_document) return;
  m_stack->setCurrentWidget(m_start);
  m_start->setFocus();
  m_inspector->hide();
  m_start->setRecent(m_settings == nullptr ? QStringList()
                                           : m_settings->value(QStringLiteral("recent")).toStringList());
  updateIcons();
}

void MainWindow::updateHeader() {
  if (!m_document) {
    m_title->setText(QStringLiteral("Ridgeline"));
    m_subtitle->clear();
    setWindowTitle(QStringLiteral("Ridgeline"));
    return;
  }
  const auto& report = m_document->report;
  m_title->setText(qs(report.model.empty() ? report.profileName : report.model));
  QStringList parts;
  if (!report.device.empty()) parts += qs(report.device);
  if (report.threads > 0) parts += QStringLiteral("%1 threads").arg(report.threads);
  if (!report.engine.empty()) parts += qs(report.engine);
  parts += qs(report.created);
  if (!report.model.empty()) parts += qs(report.profileName);
  parts.removeAll(QString());
  m_subtitle->setText(parts.join(QStringLiteral("   ·   ")));
  m_subtitle->setToolTip(m_subtitle->text());
  setWindowTitle(qs(report.profileName) + QStringLiteral(" – Ridgeline"));
}

void MainWindow::updateIcons() {
  const auto& theme = Theme::of(*this);
  for (const auto& page : m_pages) {
    const auto color = !page.button->isEnabled() ? theme.faint : page.button->isChecked() ? theme.accent : theme.muted;
    page.button->setIcon(pageIcon(page.name, color));
  }
}

void MainWindow::showMessage(const QString& text, bool bad) {
  const auto& theme = Theme::of(*this);
  m_messageText->setText(text);
  m_messageText->setStyleSheet(
      QStringLiteral("color: %1; font-weight: 600;").arg((bad ? theme.bad : theme.good).name()));
  m_message->setVisible(!text.isEmpty());
}

QString MainWindow::message() const { return m_message->isHidden() ? QString() : m_messageText->text(); }

bool MainWindow::settled() const {
  if (m_loader.busy() || m_otherLoader.busy()) return false;
  for (const auto& page : m_pages) {
    if (!page.view->settled()) return false;
  }
  return true;
}

void MainWindow::setLook(Look look) {
  applyLook(*qApp, look);
  if (m_settings != nullptr) m_settings->setValue(QStringLiteral("look"), static_cast<int>(look));
  updateIcons();
}

void MainWindow::keyPressEvent(QKeyEvent* e) {
  if (e->key() == Qt::Key_Escape) {
    m_selection.select({});
  } else {
    QMainWindow::keyPressEvent(e);
  }
}

void MainWindow::dragEnterEvent(QDragEnterEvent* e) {
  if (e->mimeData()->hasUrls()) e->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* e) {
  QStringList paths;
  for (const auto& url : e->mimeData()->urls()) {
    if (url.isLocalFile()) paths += url.toLocalFile();
  }
  openAny(paths);
}

void MainWindow::closeEvent(QCloseEvent* e) {
  if (m_settings != nullptr) {
    m_settings->setValue(QStringLiteral("geometry"), saveGeometry());
    m_settings->setValue(QStringLiteral("splitter"), m_splitter->saveState());
    m_settings->setValue(QStringLiteral("inspector"), m_inspectorWanted);
  }
  e->accept();
}

void MainWindow::restoreLayout() {
  if (m_settings == nullptr) return;
  restoreGeometry(m_settings->value(QStringLiteral("geometry")).toByteArray());
  m_splitter->restoreState(m_settings->value(QStringLiteral("splitter")).toByteArray());
  m_inspectorWanted = m_settings->value(QStringLiteral("inspector"), true).toBool();
}

void MainWindow::remember(const QString& path) {
  if (m_settings == nullptr) return;
  auto recent = m_settings->value(QStringLiteral("recent")).toStringList();
  const QString absolute = QFileInfo(path).absoluteFilePath();
  recent.removeAll(absolute);
  recent.prepend(absolute);
  m_settings->setValue(QStringLiteral("recent"), QStringList(recent.mid(0, 12)));
}

}  // namespace ridgeline::gui
