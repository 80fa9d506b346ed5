// The command line program at work in a process of its own, so that whatever happens to it, the window lives on.
#pragma once

#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>

namespace ridgeline::gui {

// What the user may ask of `ridgeline optimize`. Empty texts and zeros: not given.
struct OptimizeOptions {
  QString model, output, profile;
  QStringList shapes;
  QString inputs, calibration;
  QString maxLatency, maxMemory, budget;
  double minCosine = 0, minTop1 = 0;
  bool exact = false;
  int threads = 0;
};
QStringList argumentsOf(const OptimizeOptions& options);

struct RecordOptions {
  QString model, output, inputs;
  QStringList shapes;
  int threads = 0;
};
QStringList argumentsOf(const RecordOptions& options);
// `record -- COMMAND`: split as a shell would, quotes included; empty when a quote is not closed.
QStringList argumentsOfCommand(const QString& command, const QString& output);
QStringList argumentsOfImport(const QStringList& traces, const QString& output);

// The program beside this one, else in the search path; empty when there is none.
QString findProgram();

class ProgramRun : public QObject {
  Q_OBJECT

 public:
  explicit ProgramRun(QObject* parent = nullptr);
  ~ProgramRun() override;

  // One at a time. `title` is for people.
  void start(const QString& program, const QStringList& arguments, const QString& title);
  // Asks it to stop; it keeps what it has. Asked again, it is killed.
  void cancel();
  bool running() const { return m_process.state() != QProcess::NotRunning; }
  const QString& title() const { return m_title; }
  const QString& phase() const { return m_phase; }
  double fraction() const { return m_fraction; }
  const QStringList& notes() const { return m_notes; }

 Q_SIGNALS:
  void changed();                                  // phase, fraction or notes
  void ended(int status, const QString& message);  // 0 done; message: what to tell, one line

 private:
  void readErrors();
  void line(const QByteArray& text);
  void over(int status, QProcess::ExitStatus how);

  QProcess m_process;
  QByteArray m_pending;
  QString m_title, m_phase, m_lastError;
  QStringList m_notes;
  double m_fraction = -1;
  int m_cancelled = 0;
};

}  // namespace ridgeline::gui
