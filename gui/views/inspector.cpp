#include "gui/views/inspector.h"

#include "gui/models/text.h"
#include "gui/views/paint.h"

#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

namespace ridgeline::gui {
namespace {

// Time, and the part of it that the roof allows.
class RoofBar : public QWidget {
 public:
  explicit RoofBar(const Facts& facts) : m_facts(facts) { setFixedHeight(34); }

 protected:
  void paintEvent(QPaintEvent*) override {
    if (m_facts.bound < 0 || m_facts.roofMs < 0 || !(m_facts.timeMs > 0)) return;
    QPainter p(this);
    const auto& theme = Theme::of(*this);
    const double mark = std::min(1.0, m_facts.roofMs / m_facts.timeMs);
    drawBar(p, QRectF(0, 2, width(), 12), 1, mark, theme.bound(static_cast<profile::Bound>(m_facts.bound)), theme);
    drawText(p, QRectF(0, 16, width(), 17), QStringLiteral("roof %1").arg(msText(m_facts.roofMs)),
             scaledFont(*this, 0.88), theme.muted);
    drawText(p, QRectF(0, 16, width(), 17), msText(m_facts.timeMs), scaledFont(*this, 0.88), theme.muted,
             Qt::AlignRight | Qt::AlignVCenter);
  }

 private:
  const Facts& m_facts;
};

QLabel* label(const QString& text, bool muted) {
  auto* out = new QLabel(text);
  out->setWordWrap(true);
  out->setTextFormat(Qt::PlainText);
  out->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  if (muted) out->setObjectName(QStringLiteral("muted"));
  return out;
}

// A line may break after every separator and within words that are longer than the panel is wide, so that no name
// makes the panel's content wider than the panel.
QString breakable(const QString& text) {
  constexpr int kLongest = 24;
  QString out;
  int unbroken = 0;
  for (const QChar c : text) {
    const bool newWord = c.isUpper() && !out.isEmpty() && out.back().isLower();
    if (unbroken >= kLongest || (newWord && unbroken >= kLongest / 2)) out += QChar(0x200B), unbroken = 0;
    out += c;
    ++unbroken;
    if (c.isSpace()) unbroken = 0;
    if (QStringLiteral("/_.,:").contains(c)) out += QChar(0x200B), unbroken = 0;
  }
  return out;
}

}  // namespace

Inspector::Inspector(Selection* selection, QWidget* parent)
    : View(selection, parent),
      m_title(label({}, false)),
      m_subtitle(label({}, true)),
      m_bar(new RoofBar(m_facts)),
      m_lines(new QWidget),
      m_actions(new QWidget) {
  setAccessibleName(QStringLiteral("Details of the selection"));
  setObjectName(QStringLiteral("inspector"));
  m_title->setFont(scaledFont(*this, 1.1, QFont::DemiBold));
  auto* content = new QWidget;
  auto* layout = new QVBoxLayout(content);
  layout->setContentsMargins(14, 16, 14, 14);
  layout->setSpacing(6);
  layout->addWidget(m_title);
  layout->addWidget(m_subtitle);
  layout->addWidget(m_bar);
  layout->addWidget(m_actions);
  layout->addWidget(m_lines);
  layout->addStretch();
  auto* actions = new QHBoxLayout(m_actions);
  actions->setContentsMargins(0, 4, 0, 6);
  actions->setSpacing(4);
  for (const auto& [page, title] : {std::pair{"operators", "Table"}, {"timeline", "Timeline"}, {"graph", "Graph"}}) {
    auto* button = new QPushButton(QString::fromUtf8(title));
    button->setObjectName(QStringLiteral("chip"));
    button->setToolTip(QStringLiteral("Show it there"));
    const auto name = QString::fromUtf8(page);
    connect(button, &QPushButton::clicked, this, [this, name] { Q_EMIT jump(name); });
    actions->addWidget(button);
  }
  actions->addStretch();
  auto* area = new QScrollArea;
  area->setWidget(content);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setAccessibleName(QStringLiteral("Details"));
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(area);
  fill({});
}

void Inspector::showItem(const Item& item) { fill(document() ? factsOf(*document(), item) : Facts{}); }

void Inspector::showFacts(const Facts& facts) { facts.title.isEmpty() ? showItem(selection()->item()) : fill(facts); }

void Inspector::fill(const Facts& facts) {
  m_facts = facts;
  m_has = !facts.title.isEmpty();
  m_title->setText(m_has ? breakable(facts.title) : QStringLiteral("Nothing selected"));
  m_subtitle->setText(m_has ? facts.subtitle
                            : QStringLiteral("Select an operator, a kernel or a slice to see what is known of it."));
  m_bar->setVisible(facts.roofMs >= 0 && facts.timeMs > 0);
  m_actions->setVisible(m_has && facts.bound >= 0);
  m_bar->update();
  delete m_lines->layout();
  qDeleteAll(m_lines->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));
  // A grid, not a form: a form gives lines that wrap the height of one.
  auto* grid = new QGridLayout(m_lines);
  grid->setContentsMargins(0, 4, 0, 0);
  grid->setHorizontalSpacing(14);
  grid->setVerticalSpacing(5);
  grid->setColumnStretch(1, 1);
  int row = 0;
  for (const auto& [name, value] : facts.lines) {
    if (name.isEmpty()) {
      grid->setRowMinimumHeight(row++, 6);
      grid->addWidget(label(breakable(value), true), row++, 0, 1, 2);
      continue;
    }
    auto* left = label(name, true);
    left->setWordWrap(false);
    grid->addWidget(left, row, 0, Qt::AlignTop);
    grid->addWidget(label(breakable(value), false), row++, 1);
  }
}

QString Inspector::text() const {
  QString out = m_facts.title + QLatin1Char('\n') + m_facts.subtitle + QLatin1Char('\n');
  for (const auto& [name, value] : m_facts.lines)
    out += (name.isEmpty() ? QString() : name + QStringLiteral(": ")) + value + QLatin1Char('\n');
  return out;
}

}  // namespace ridgeline::gui
