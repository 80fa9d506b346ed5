#include "gui/app/dialogs.h"

#include "base/units.h"
#include "gui/models/text.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>

namespace ridgeline::gui {
namespace {

enum class Pick { Open, Save, Folder };

// A line for a path, with a button that asks for one.
QWidget* pathLine(QLineEdit*& edit, const QString& name, Pick pick, const QString& filter) {
  auto* box = new QWidget;
  auto* layout = new QHBoxLayout(box);
  layout->setContentsMargins(0, 0, 0, 0);
  edit = new QLineEdit;
  edit->setAccessibleName(name);
  auto* button = new QPushButton(QStringLiteral("…"));
  button->setAccessibleName(QStringLiteral("Choose: ") + name);
  layout->addWidget(edit);
  layout->addWidget(button);
  auto* target = edit;
  QObject::connect(button, &QPushButton::clicked, box, [box, target, name, pick, filter] {
    const QString path = pick == Pick::Folder ? QFileDialog::getExistingDirectory(box, name, target->text())
                         : pick == Pick::Save ? QFileDialog::getSaveFileName(box, name, target->text(), filter)
                                              : QFileDialog::getOpenFileName(box, name, target->text(), filter);
    if (!path.isEmpty()) target->setText(path);
  });
  return box;
}

QLineEdit* field(const QString& name, const QString& example) {
  auto* edit = new QLineEdit;
  edit->setAccessibleName(name);
  edit->setPlaceholderText(example);
  return edit;
}

QDoubleSpinBox* fraction(const QString& name, double value, const QString& none) {
  auto* box = new QDoubleSpinBox;
  box->setAccessibleName(name);
  box->setRange(0, 1);
  box->setDecimals(4);
  box->setSingleStep(0.005);
  box->setSpecialValueText(none);
  box->setValue(value);
  return box;
}

QSpinBox* threadsBox() {
  auto* box = new QSpinBox;
  box->setAccessibleName(QStringLiteral("Threads"));
  box->setRange(0, 1024);
  box->setSpecialValueText(QStringLiteral("one per core"));
  return box;
}

QStringList shapesOf(const QLineEdit& edit) { return edit.text().split(QLatin1Char(' '), Qt::SkipEmptyParts); }

QLabel* troubleLabel() {
  auto* label = new QLabel;
  label->setObjectName(QStringLiteral("muted"));
  label->setWordWrap(true);
  return label;
}

const QString kOnnx = QStringLiteral("ONNX models (*.onnx)");

}  // namespace

OptimizeDialog::OptimizeDialog(const DocumentPtr& document, QWidget* parent)
    : QDialog(parent),
      m_shapes(field(QStringLiteral("Shapes"), QStringLiteral("input_ids=1x128 mask=1x128"))),
      m_latency(field(QStringLiteral("Latency at most"), QStringLiteral("5ms"))),
      m_memory(field(QStringLiteral("Peak memory at most"), QStringLiteral("200MB"))),
      m_budget(field(QStringLiteral("Time to spend"), QStringLiteral("5m"))),
      m_cosine(fraction(QStringLiteral("Cosine at least"), 0, QStringLiteral("0.99"))),
      m_top1(fraction(QStringLiteral("Top-1 agreement at least"), 0, QStringLiteral("not asked"))),
      m_threads(threadsBox()),
      m_exact(new QCheckBox(QStringLiteral("Only rewrites that keep the numbers up to rounding"))),
      m_ledger(new QCheckBox(QStringLiteral("Keep every trial in the open profile"))),
      m_trouble(troubleLabel()) {
  setWindowTitle(QStringLiteral("Optimize"));
  setMinimumWidth(560);
  auto* form = new QFormLayout;
  form->addRow(QStringLiteral("Model"), pathLine(m_model, QStringLiteral("Model"), Pick::Open, kOnnx));
  form->addRow(QStringLiteral("Write to"), pathLine(m_output, QStringLiteral("Write to"), Pick::Save, kOnnx));
  form->addRow(QStringLiteral("Shapes"), m_shapes);
  form->addRow(QStringLiteral("Inputs"), pathLine(m_inputs, QStringLiteral("Inputs"), Pick::Folder, {}));
  form->addRow(QStringLiteral("Calibration"), pathLine(m_calibration, QStringLiteral("Calibration"), Pick::Folder, {}));
  form->addRow(QStringLiteral("Cosine at least"), m_cosine);
  form->addRow(QStringLiteral("Top-1 at least"), m_top1);
  form->addRow(QStringLiteral("Latency at most"), m_latency);
  form->addRow(QStringLiteral("Memory at most"), m_memory);
  form->addRow(QStringLiteral("Time to spend"), m_budget);
  form->addRow(QStringLiteral("Threads"), m_threads);
  form->addRow(QString(), m_exact);
  if (document) {
    m_profile = QString::fromStdString(document->path.string());
    m_ledger->setChecked(true);
    form->addRow(QString(), m_ledger);
    m_threads->setValue(document->report.threads);
    const auto beside = document->path.parent_path() / document->report.model;
    std::error_code ec;
    if (!document->report.model.empty() && std::filesystem::is_regular_file(beside, ec))
      setModel(QString::fromStdString(beside.string()));
  }
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  m_ok = buttons->addButton(QStringLiteral("Optimize"), QDialogButtonBox::AcceptRole);
  m_ok->setObjectName(QStringLiteral("primary"));
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addLayout(form);
  layout->addWidget(m_trouble);
  layout->addWidget(buttons);
  for (auto* edit : {m_model, m_output, m_latency, m_memory, m_budget})
    connect(edit, &QLineEdit::textChanged, this, [this] { check(); });
  check();
}

void OptimizeDialog::setModel(const QString& path) {
  m_model->setText(path);
  const QFileInfo info(path);
  m_output->setText(info.path() + QLatin1Char('/') + info.completeBaseName() + QStringLiteral(".fast.onnx"));
}

void OptimizeDialog::check() {
  QString trouble;
  const auto quantity = [&](const QLineEdit& edit, Result<double> (*parse)(std::string_view)) {
    const auto text = edit.text().trimmed().toStdString();
    if (text.empty()) return;
    if (auto value = parse(text); !value) trouble = qs(value.error().text());
  };
  quantity(*m_latency, parseDuration);
  quantity(*m_memory, parseBytes);
  quantity(*m_budget, parseDuration);
  if (!QFileInfo(m_model->text()).isFile()) trouble = QStringLiteral("Choose the model that was recorded.");
  if (trouble.isEmpty() && m_output->text().isEmpty()) trouble = QStringLiteral("Choose where to write the result.");
  if (trouble.isEmpty() && m_output->text() == m_model->text())
    trouble = QStringLiteral("The result needs a name of its own.");
  m_trouble->setText(trouble);
  m_ok->setEnabled(trouble.isEmpty());
}

OptimizeOptions OptimizeDialog::options() const {
  OptimizeOptions o;
  o.model = m_model->text();
  o.output = m_output->text();
  o.profile = m_ledger->isChecked() ? m_profile : QString();
  o.shapes = shapesOf(*m_shapes);
  o.inputs = m_inputs->text();
  o.calibration = m_calibration->text();
  o.maxLatency = m_latency->text();
  o.maxMemory = m_memory->text();
  o.budget = m_budget->text();
  o.minCosine = m_cosine->value();
  o.minTop1 = m_top1->value();
  o.exact = m_exact->isChecked();
  o.threads = m_threads->value();
  return o;
}

RecordDialog::RecordDialog(QWidget* parent)
    : QDialog(parent),
      m_what(new QTabWidget),
      m_shapes(field(QStringLiteral("Shapes"), QStringLiteral("input_ids=1x128"))),
      m_command(field(QStringLiteral("Command"), QStringLiteral("python3 infer.py --batch 1"))),
      m_threads(threadsBox()),
      m_trouble(troubleLabel()) {
  setWindowTitle(QStringLiteral("Record"));
  setMinimumWidth(560);
  auto* model = new QWidget;
  auto* form = new QFormLayout(model);
  form->addRow(QStringLiteral("Model"), pathLine(m_model, QStringLiteral("Model"), Pick::Open, kOnnx));
  form->addRow(QStringLiteral("Shapes"), m_shapes);
  form->addRow(QStringLiteral("Inputs"), pathLine(m_inputs, QStringLiteral("Inputs"), Pick::Folder, {}));
  form->addRow(QStringLiteral("Threads"), m_threads);
  auto* command = new QWidget;
  auto* commandForm = new QFormLayout(command);
  commandForm->addRow(QStringLiteral("Command"), m_command);
  m_what->setAccessibleName(QStringLiteral("What to record"));
  m_what->addTab(model, QStringLiteral("A model"));
  m_what->addTab(command, QStringLiteral("A command"));
  auto* outputForm = new QFormLayout;
  outputForm->addRow(QStringLiteral("Profile"),
                     pathLine(m_output, QStringLiteral("Profile"), Pick::Save, QStringLiteral("Profiles (*.ridge)")));
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  m_ok = buttons->addButton(QStringLiteral("Record"), QDialogButtonBox::AcceptRole);
  m_ok->setObjectName(QStringLiteral("primary"));
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(m_what);
  layout->addLayout(outputForm);
  layout->addWidget(m_trouble);
  layout->addWidget(buttons);
  for (auto* edit : {m_model, m_command, m_output}) connect(edit, &QLineEdit::textChanged, this, [this] { check(); });
  connect(m_what, &QTabWidget::currentChanged, this, [this] { check(); });
  check();
}

void RecordDialog::setModel(const QString& path) {
  m_model->setText(path);
  const QFileInfo info(path);
  m_output->setText(info.path() + QLatin1Char('/') + info.completeBaseName() + QStringLiteral(".ridge"));
}

void RecordDialog::check() {
  QString trouble;
  if (m_what->currentIndex() == 0 && !QFileInfo(m_model->text()).isFile())
    trouble = QStringLiteral("Choose an ONNX model.");
  if (m_what->currentIndex() == 1 && argumentsOfCommand(m_command->text(), m_output->text()).isEmpty()) {
    trouble = QStringLiteral("Write the command as in a shell; every quote needs its end.");
  }
  if (trouble.isEmpty() && m_output->text().isEmpty()) trouble = QStringLiteral("Choose where to write the profile.");
  m_trouble->setText(trouble);
  m_ok->setEnabled(trouble.isEmpty());
}

QStringList RecordDialog::arguments() const {
  if (m_what->currentIndex() == 1) return argumentsOfCommand(m_command->text(), m_output->text());
  return argumentsOf(
      RecordOptions{m_model->text(), m_output->text(), m_inputs->text(), shapesOf(*m_shapes), m_threads->value()});
}

QString RecordDialog::output() const { return m_output->text(); }

}  // namespace ridgeline::gui
