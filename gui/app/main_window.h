// The window: pages on the left, what is selected on the right, one thing running at the bottom.
#pragma once

#include "gui/app/loader.h"
#include "gui/models/program_run.h"
#include "gui/views/theme.h"
#include "gui/views/view.h"

#include <QMainWindow>
#include <QPointer>
#include <vector>

class QFrame;
class QLabel;
class QProgressBar;
class QPushButton;
class QSettings;
class QSplitter;
class QStackedWidget;
class QVBoxLayout;

namespace ridgeline::gui {

class AdviceView;
class CompareView;
class GraphView;
class HelpView;
class Inspector;
class OverviewView;
class RooflineView;
class StartView;
class TableView;
class TimelineView;

class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  // `settings` is where the layout and recent files are remembered; null: nowhere.
  explicit MainWindow(QSettings* settings, QWidget* parent = nullptr);
  ~MainWindow() override;

  void open(const QString& path);
  void compareWith(const QString& path);
  void openAny(const QStringList& paths);  // profiles, models, traces: what is dropped on the window
  void showPage(const QString& name);
  void setLook(Look look);

  QStringList pages() const;
  View* page(const QString& name) const;
  QString currentPage() const;
  Selection& selection() { return m_selection; }
  Inspector& inspector() { return *m_inspector; }
  ProgramRun& run() { return m_run; }
  const DocumentPtr& document() const { return m_document; }
  QString message() const;  // of the bar above the pages; empty when there is none
  // Nothing is being read or laid out.
  bool settled() const;

 Q_SIGNALS:
  void opened();  // or not: message() says why

 protected:
  void dragEnterEvent(QDragEnterEvent*) override;
  void dropEvent(QDropEvent*) override;
  void closeEvent(QCloseEvent*) override;
  void keyPressEvent(QKeyEvent*) override;

 private:
  struct Page {
    QString name, title;
    View* view = nullptr;
    QPushButton* button = nullptr;
    bool withInspector = true;
  };
  void addPages();
  void addPage(const QString& name, const QString& title, View* view, bool withInspector);
  QWidget* makeSidebar();
  QWidget* makeHeader();
  QWidget* makeMessage();
  void makeStatus();
  void makeMenus();
  void setDocument(DocumentPtr document);
  void updateHeader();
  void updateIcons();
  void showMessage(const QString& text, bool bad);
  void act(const QString& name);
  void jumpTo(const QString& page);
  void askOpen();
  void askRecord(const QString& model);
  void askImport(const QStringList& traces);
  void askOptimize();
  void askCompare();
  void startRun(const QStringList& arguments, const QString& title, const QString& thenOpen);
  void runChanged();
  void runEnded(int status, const QString& message);
  void remember(const QString& path);
  void restoreLayout();

  QSettings* m_settings;
  Selection m_selection;
  Loader m_loader, m_otherLoader;
  ProgramRun m_run;
  DocumentPtr m_document, m_other;
  std::vector<Page> m_pages;
  OverviewView* m_overview = nullptr;
  RooflineView* m_roofline = nullptr;
  TimelineView* m_timeline = nullptr;
  TableView *m_operators = nullptr, *m_kernels = nullptr;
  GraphView* m_graph = nullptr;
  AdviceView* m_advice = nullptr;
  CompareView* m_compare = nullptr;
  StartView* m_start = nullptr;
  HelpView* m_help = nullptr;
  Inspector* m_inspector = nullptr;
  QStackedWidget* m_stack = nullptr;
  QSplitter* m_splitter = nullptr;
  QVBoxLayout* m_sidebar = nullptr;
  QLabel *m_title = nullptr, *m_subtitle = nullptr, *m_messageText = nullptr, *m_runText = nullptr;
  QFrame* m_message = nullptr;
  QProgressBar* m_runBar = nullptr;
  QPushButton* m_runCancel = nullptr;
  QString m_thenOpen;
  bool m_inspectorWanted = true;
};

}  // namespace ridgeline::gui
