// Asking what to record and how to optimize.
#pragma once

#include "gui/models/document.h"
#include "gui/models/program_run.h"

#include <QDialog>

class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QTabWidget;

namespace ridgeline::gui {

class OptimizeDialog : public QDialog {
  Q_OBJECT

 public:
  // `document` may be null: the trials then go into no profile.
  explicit OptimizeDialog(const DocumentPtr& document, QWidget* parent = nullptr);
  OptimizeOptions options() const;
  void setModel(const QString& path);

 private:
  void check();
  QLineEdit *m_model, *m_output, *m_shapes, *m_inputs, *m_calibration, *m_latency, *m_memory, *m_budget;
  QDoubleSpinBox *m_cosine, *m_top1;
  QSpinBox* m_threads;
  QCheckBox *m_exact, *m_ledger;
  QLabel* m_trouble;
  QPushButton* m_ok;
  QString m_profile;
};

class RecordDialog : public QDialog {
  Q_OBJECT

 public:
  explicit RecordDialog(QWidget* parent = nullptr);
  void setModel(const QString& path);
  QStringList arguments() const;  // of the program
  QString output() const;

 private:
  void check();
  QTabWidget* m_what;
  QLineEdit *m_model, *m_shapes, *m_inputs, *m_command, *m_output;
  QSpinBox* m_threads;
  QLabel* m_trouble;
  QPushButton* m_ok;
};

}  // namespace ridgeline::gui
