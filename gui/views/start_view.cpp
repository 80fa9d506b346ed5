#include "gui/views/start_view.h"

#include "gui/views/theme.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace ridgeline::gui {
namespace {

QLabel* text(const QString& words, const QFont& font, bool muted = false) {
  auto* label = new QLabel(words);
  label->setFont(font);
  label->setWordWrap(true);
  if (muted) label->setObjectName(QStringLiteral("muted"));
  return label;
}

}  // namespace

StartView::StartView(QWidget* parent) : View(nullptr, parent), m_recent(new QVBoxLayout) {
  setAccessibleName(QStringLiteral("Start"));
  auto* column = new QWidget;
  column->setMaximumWidth(640);
  auto* layout = new QVBoxLayout(column);
  layout->setSpacing(8);
  layout->addWidget(text(QStringLiteral("Where does the time go?"), scaledFont(*this, 2.1, QFont::Bold)));
  layout->addWidget(text(QStringLiteral("Open a profile, record a model, or import another profiler's trace. "
                                        "A file dropped on this window does the right one of the three."),
                         scaledFont(*this, 1.05), true));
  layout->addSpacing(14);
  const auto choice = [&](const QString& name, const QString& title, const QString& words, bool primary) {
    auto* line = new QHBoxLayout;
    auto* button = new QPushButton(title);
    if (primary) button->setObjectName(QStringLiteral("primary")), setFocusProxy(button);
    button->setMinimumWidth(170);
    button->setMinimumHeight(36);
    connect(button, &QPushButton::clicked, this, [this, name] { Q_EMIT action(name); });
    line->addWidget(button);
    line->addSpacing(10);
    line->addWidget(text(words, scaledFont(*this, 1), true), 1);
    layout->addLayout(line);
    layout->addSpacing(4);
  };
  choice(QStringLiteral("open"), QStringLiteral("Open a profile…"),
         QStringLiteral("A .ridge file, recorded here or anywhere."), true);
  choice(QStringLiteral("record"), QStringLiteral("Record…"),
         QStringLiteral("An ONNX model, operator by operator under this machine's roofs; or a command."), false);
  choice(QStringLiteral("import"), QStringLiteral("Import a trace…"),
         QStringLiteral("PyTorch, Nsight Systems, TensorRT, ONNX Runtime, Nsight Compute."), false);
  layout->addSpacing(18);
  m_recentTitle = text(QStringLiteral("Recent"), scaledFont(*this, 1.08, QFont::DemiBold));
  layout->addWidget(m_recentTitle);
  layout->addLayout(m_recent);
  auto* outer = new QVBoxLayout(this);
  auto* middle = new QHBoxLayout;
  middle->addStretch(1);
  middle->addWidget(column, 8);
  middle->addStretch(1);
  outer->addStretch(2);
  outer->addLayout(middle);
  outer->addStretch(3);
}

void StartView::setRecent(const QStringList& files) {
  while (auto* item = m_recent->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  m_recentTitle->setVisible(!files.isEmpty());
  for (const auto& file : files.mid(0, 8)) {
    auto* button = new QPushButton(QFileInfo(file).fileName() + QStringLiteral("    ") + QFileInfo(file).path());
    button->setObjectName(QStringLiteral("nav"));
    button->setToolTip(file);
    connect(button, &QPushButton::clicked, this, [this, file] { Q_EMIT openFile(file); });
    m_recent->addWidget(button);
  }
}

}  // namespace ridgeline::gui
