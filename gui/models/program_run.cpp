#include "gui/models/program_run.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStandardPaths>
#include <utility>

namespace ridgeline::gui {
namespace {

void addText(QStringList& arguments, const char* option, const QString& value) {
  if (!value.trimmed().isEmpty()) arguments << QString::fromLatin1(option) << value.trimmed();
}

}  // namespace

QStringList argumentsOf(const OptimizeOptions& o) {
  QStringList a{QStringLiteral("optimize"), o.model, QStringLiteral("-o"), o.output};
  for (const auto& shape : o.shapes) addText(a, "--shape", shape);
  addText(a, "--profile", o.profile);
  addText(a, "--inputs", o.inputs);
  addText(a, "--calibration", o.calibration);
  addText(a, "--max-latency", o.maxLatency);
  addText(a, "--max-memory", o.maxMemory);
  addText(a, "--budget", o.budget);
  if (o.minCosine > 0) a << QStringLiteral("--min-cosine") << QString::number(o.minCosine, 'g', 8);
  if (o.minTop1 > 0) a << QStringLiteral("--min-top1") << QString::number(o.minTop1, 'g', 8);
  if (o.exact) a << QStringLiteral("--exact");
  if (o.threads > 0) a << QStringLiteral("--threads") << QString::number(o.threads);
  return a << QStringLiteral("--progress") << QStringLiteral("json");
}

QStringList argumentsOf(const RecordOptions& o) {
  QStringList a{QStringLiteral("record"), o.model, QStringLiteral("-o"), o.output};
  for (const auto& shape : o.shapes) addText(a, "--shape", shape);
  addText(a, "--inputs", o.inputs);
  if (o.threads > 0) a << QStringLiteral("--threads") << QString::number(o.threads);
  return a << QStringLiteral("--progress") << QStringLiteral("json");
}

QStringList argumentsOfCommand(const QString& command, const QString& output) {
  const auto words = QProcess::splitCommand(command);
  if (words.isEmpty() || command.count(QLatin1Char('"')) % 2 != 0) return {};
  return QStringList{QStringLiteral("record"),     QStringLiteral("-o"),   output,
                     QStringLiteral("--progress"), QStringLiteral("json"), QStringLiteral("--")} +
         words;
}

QStringList argumentsOfImport(const QStringList& traces, const QString& output) {
  return QStringList{QStringLiteral("import")} + traces +
         QStringList{QStringLiteral("-o"), output, QStringLiteral("--progress"), QStringLiteral("json")};
}

QString findProgram() {
  const QString beside = QCoreApplication::applicationDirPath() + QStringLiteral("/ridgeline");
  return QFileInfo(beside).isExecutable() ? beside : QStandardPaths::findExecutable(QStringLiteral("ridgeline"));
}

ProgramRun::ProgramRun(QObject* parent) : QObject(parent) {
  connect(&m_process, &QProcess::readyReadStandardError, this, &ProgramRun::readErrors);
  connect(&m_process, &QProcess::readyReadStandardOutput, this, [this] { m_process.readAllStandardOutput(); });
  connect(&m_process, &QProcess::finished, this, &ProgramRun::over);
  connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart)
      Q_EMIT ended(4, QStringLiteral("The program ridgeline cannot be started: ") + m_process.errorString());
  });
}

ProgramRun::~ProgramRun() {
  m_process.disconnect(this);
  if (!running()) return;
  m_process.terminate();  // it keeps what it has measured
  if (!m_process.waitForFinished(3000)) m_process.kill();
  m_process.waitForFinished(1000);
}

void ProgramRun::start(const QString& program, const QStringList& arguments, const QString& title) {
  if (running()) return;
  m_title = title;
  m_phase = QStringLiteral("start");
  m_fraction = -1;
  m_notes.clear();
  m_pending.clear();
  m_lastError.clear();
  m_cancelled = 0;
  if (program.isEmpty()) {
    Q_EMIT ended(4, QStringLiteral("The program ridgeline is neither beside this one nor in the search path"));
    return;
  }
  m_process.start(program, arguments);
  Q_EMIT changed();
}

void ProgramRun::cancel() {
  if (!running()) return;
  ++m_cancelled == 1 ? m_process.terminate() : m_process.kill();
}

void ProgramRun::readErrors() {
  m_pending += m_process.readAllStandardError();
  for (auto end = m_pending.indexOf('\n'); end >= 0; end = m_pending.indexOf('\n')) {
    line(m_pending.left(end));
    m_pending.remove(0, end + 1);
  }
  Q_EMIT changed();
}

// A line of `--progress json`, or the one line that says what went wrong.
void ProgramRun::line(const QByteArray& text) {
  const auto json = QJsonDocument::fromJson(text);
  if (!json.isObject()) {
    if (!text.trimmed().isEmpty()) m_lastError = QString::fromUtf8(text.trimmed());
    return;
  }
  const auto object = json.object();
  const auto phase = object.value(QLatin1String("phase")).toString();
  if (phase != m_phase) m_fraction = -1;
  m_phase = phase;
  if (object.contains(QLatin1String("fraction"))) m_fraction = object.value(QLatin1String("fraction")).toDouble();
  if (const auto note = object.value(QLatin1String("note")).toString(); !note.isEmpty()) m_notes += note;
}

void ProgramRun::over(int status, QProcess::ExitStatus how) {
  readErrors();
  if (!m_pending.isEmpty()) line(std::exchange(m_pending, {}));
  if (m_cancelled > 0) {
    Q_EMIT ended(130, QStringLiteral("Stopped: %1").arg(m_title));
  } else if (how == QProcess::CrashExit) {
    Q_EMIT ended(70, QStringLiteral("The program crashed: %1. What it had written to disk is kept").arg(m_title));
  } else if (status == 0) {
    Q_EMIT ended(0, QStringLiteral("Done: %1").arg(m_title));
  } else if (status == 1) {
    Q_EMIT ended(1, QStringLiteral("Done, but a constraint is not met: %1").arg(m_title));
  } else {
    QString reason = m_lastError;
    if (reason.startsWith(QLatin1String("ridgeline: "))) reason.remove(0, 11);
    Q_EMIT ended(status,
                 reason.isEmpty() ? QStringLiteral("Failed with status %1: %2").arg(status).arg(m_title) : reason);
  }
}

}  // namespace ridgeline::gui
