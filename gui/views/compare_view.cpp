#include "gui/views/compare_view.h"

#include "gui/models/text.h"
#include "gui/views/paint.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPushButton>
#include <QThreadPool>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace ridgeline::gui {

void CompareHeader::setSummary(const CompareSummary& summary, const QString& a, const QString& b) {
  m_summary = summary, m_a = a, m_b = b;
  setAccessibleName(QStringLiteral("Comparison"));
  setAccessibleDescription(summary.headline + QStringLiteral(". ") + summary.times);
  updateGeometry();
  update();
}

QSize CompareHeader::sizeHint() const {
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  return {400,
          static_cast<int>(u * (6.2 + 1.25 * static_cast<double>(std::min<qsizetype>(4, m_summary.notes.size()))))};
}

void CompareHeader::paintEvent(QPaintEvent*) {
  QPainter p(this);
  const auto& theme = Theme::of(*this);
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  drawCard(p, rect(), theme);
  const QRectF inner = QRectF(rect()).adjusted(u, u * 0.7, -u, -u * 0.7);
  const QColor color = m_summary.tone > 0 ? theme.good : m_summary.tone < 0 ? theme.bad : theme.text;
  drawText(p, {inner.left(), inner.top(), u * 15, u * 2.6}, m_summary.headline, scaledFont(*this, 2.1, QFont::Bold),
           color);
  drawText(p, {inner.left(), inner.top() + u * 2.8, u * 17, u * 1.3}, m_summary.times, scaledFont(*this, 0.95),
           theme.muted);
  const double left = inner.left() + u * 18, width = inner.width() - u * 18;
  const double longest = std::max({m_summary.aMs, m_summary.bMs, 1e-9});
  const auto bar = [&](double y, const QString& letter, const QString& name, double ms, const QColor& fill) {
    const double nameWidth = std::min(width * 0.34, u * 16), room = width - nameWidth - u * 7;
    drawText(p, {left, y, u * 1.4, u * 1.4}, letter, scaledFont(*this, 1, QFont::DemiBold), theme.text);
    drawText(p, {left + u * 1.4, y, nameWidth - u * 1.8, u * 1.4}, name, scaledFont(*this, 0.95), theme.muted,
             Qt::AlignLeft | Qt::AlignVCenter, Qt::ElideMiddle);
    drawBar(p, {left + nameWidth, y + u * 0.22, room, u * 0.95}, ms / longest, std::nan(""), fill, theme);
    if (ms > 0)
      drawText(p, {left + nameWidth + room + u * 0.4, y, u * 6, u * 1.4}, msText(ms),
               scaledFont(*this, 1, QFont::DemiBold), theme.text);
  };
  bar(inner.top() + u * 0.4, QStringLiteral("A"), m_a, m_summary.aMs, theme.faint);
  bar(inner.top() + u * 2.3, QStringLiteral("B"), m_b, m_summary.bMs, m_summary.tone == 0 ? theme.accent : color);
  double y = inner.top() + u * 4.5;
  for (const auto& note : m_summary.notes.mid(0, 4)) {
    drawText(p, {inner.left(), y, inner.width(), u * 1.25}, note, scaledFont(*this, 0.95), theme.muted);
    y += u * 1.25;
  }
}

CompareView::CompareView(Selection* selection, QWidget* parent)
    : View(selection, parent),
      m_header(new CompareHeader),
      m_table(new TableWidget),
      m_choose(new QPushButton(QStringLiteral("Compare with…"))) {
  m_table->setAccessibleName(QStringLiteral("Compared operators and kernels"));
  m_header->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  m_choose->setObjectName(QStringLiteral("primary"));
  connect(m_choose, &QPushButton::clicked, this, [this] { Q_EMIT action(QStringLiteral("compare")); });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->setSpacing(12);
  layout->addWidget(m_header);
  layout->addWidget(m_table, 1);
  layout->addStretch(0);
  layout->addWidget(m_choose, 0, Qt::AlignHCenter | Qt::AlignBottom);
  setFocusProxy(m_table);
  setOther(nullptr);
}

CompareView::~CompareView() { *m_alive = false; }

void CompareView::documentChanged() {
  m_other.reset();
  compareAgain();
}

void CompareView::setOther(DocumentPtr other) {
  m_other = std::move(other);
  compareAgain();
}

void CompareView::compareAgain() {
  const int64_t ticket = ++m_latest;
  m_trouble.clear();
  m_header->hide();
  m_table->hide();
  m_choose->show();
  update();
  if (!document() || !m_other) return;
  ++m_running;
  QThreadPool::globalInstance()->start([this, ticket, alive = m_alive, a = document(), b = m_other] {
    auto diff = std::make_shared<Result<analyzers::Diff>>(analyzers::diffProfiles(a->path, b->path));
    QMetaObject::invokeMethod(
        QCoreApplication::instance(),
        [this, ticket, alive, diff] {
          if (!*alive) return;
          --m_running;
          if (ticket != m_latest) return;
          if (!*diff) {
            m_trouble = oneLine(qs(diff->error().text()));
            return update();
          }
          m_header->setSummary(summaryOf(**diff), qs((*diff)->a.profileName), qs((*diff)->b.profileName));
          m_table->setTable(compareTable(**diff));
          m_header->show();
          m_table->show();
          m_choose->hide();
        },
        Qt::QueuedConnection);
  });
}

void CompareView::paintEvent(QPaintEvent*) {
  if (m_table->isVisible()) return;
  QPainter p(this);
  drawEmpty(
      p, rect().adjusted(0, 0, 0, -60), *this,
      m_trouble.isEmpty() ? QStringLiteral("Compare with another profile") : QStringLiteral("These cannot be compared"),
      m_trouble.isEmpty() ? QStringLiteral("The same model before and after, on two machines, with other settings. The "
                                           "roofline then shows where every operator went.")
                          : m_trouble);
}

}  // namespace ridgeline::gui
