#include "gui/views/advice_view.h"

#include "gui/models/text.h"
#include "gui/views/paint.h"

#include <QHBoxLayout>
#include <QMouseEvent>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <cmath>

namespace ridgeline::gui {

ProofBanner::ProofBanner(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(QStringLiteral("Proof"));
}

QSize ProofBanner::sizeHint() const {
  return {400, static_cast<int>(QFontMetricsF(scaledFont(*this, 1)).height() * 6.2)};
}

void ProofBanner::setDocument(DocumentPtr document) {
  m_document = std::move(document);
  const bool has = m_document && m_document->proof;
  setVisible(has);
  if (has) {
    const auto& proof = *m_document->proof;
    setAccessibleDescription(QStringLiteral("%1 times as fast, %2 before, %3 after")
                                 .arg(proof.speedup, 0, 'f', 2)
                                 .arg(msText(proof.baselineMs), msText(proof.optimizedMs)));
  }
  updateGeometry();
  update();
}

void ProofBanner::paintEvent(QPaintEvent*) {
  if (!m_document || !m_document->proof) return;
  QPainter p(this);
  const auto& theme = Theme::of(*this);
  const auto& proof = *m_document->proof;
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  drawCard(p, rect(), theme);
  const QRectF inner = QRectF(rect()).adjusted(u, u * 0.7, -u, -u * 0.7);
  const bool faster = proof.verdict == profile::Verdict::Faster;
  drawText(p, {inner.left(), inner.top(), u * 12, u * 2.6}, QStringLiteral("%1×").arg(proof.speedup, 0, 'f', 2),
           scaledFont(*this, 2.5, QFont::Bold), faster ? theme.good : theme.text);
  QString under = proof.verdict ? qs(nameOf(*proof.verdict)) : QStringLiteral("not judged");
  if (proof.speedupLo && proof.speedupHi)
    under += QStringLiteral(", 95 %: %1–%2×").arg(*proof.speedupLo, 0, 'f', 2).arg(*proof.speedupHi, 0, 'f', 2);
  drawText(p, {inner.left(), inner.top() + u * 2.7, u * 13, u * 1.3}, under, scaledFont(*this, 0.95), theme.muted);
  const double left = inner.left() + u * 14, width = std::max(u * 8, (inner.width() - u * 14) * 0.5);
  const double longest = std::max({proof.baselineMs, proof.optimizedMs, 1e-9});
  const auto bar = [&](double y, const QString& name, double ms, const QColor& color) {
    drawText(p, {left, y, u * 4, u * 1.4}, name, scaledFont(*this, 0.95), theme.muted);
    const double room = width - u * 9.5;
    drawBar(p, {left + u * 4, y + u * 0.25, room, u * 0.9}, ms / longest, std::nan(""), color, theme);
    drawText(p, {left + u * 4.4 + room, y, u * 5, u * 1.4}, msText(ms), scaledFont(*this, 1, QFont::DemiBold),
             theme.text);
  };
  bar(inner.top() + u * 0.5, QStringLiteral("before"), proof.baselineMs, theme.faint);
  bar(inner.top() + u * 2.4, QStringLiteral("after"), proof.optimizedMs, faster ? theme.good : theme.muted);
  const double right = left + width + u * 1.2;
  QStringList facts;
  if (proof.cosine)
    facts += QStringLiteral("outputs: cosine %1, %2 samples, %3")
                 .arg(*proof.cosine, 0, 'f', 5)
                 .arg(proof.samples)
                 .arg(qs(nameOf(proof.inputs)));
  if (proof.modelBytesBefore && proof.modelBytesAfter)
    facts += QStringLiteral("model: %1 → %2")
                 .arg(bytesText(static_cast<double>(*proof.modelBytesBefore)),
                      bytesText(static_cast<double>(*proof.modelBytesAfter)));
  if (proof.peakMemoryBefore && proof.peakMemoryAfter)
    facts += QStringLiteral("peak memory: %1 → %2")
                 .arg(bytesText(static_cast<double>(*proof.peakMemoryBefore)),
                      bytesText(static_cast<double>(*proof.peakMemoryAfter)));
  if (!proof.outputFile.empty()) facts += QStringLiteral("written: %1").arg(qs(proof.outputFile));
  double y = inner.top();
  for (const auto& fact : facts) {
    drawText(p, {right, y, inner.right() - right, u * 1.2}, fact, scaledFont(*this, 0.95), theme.muted);
    y += u * 1.22;
  }
}

LedgerPlot::LedgerPlot(Selection* selection, QWidget* parent) : QWidget(parent), m_selection(selection) {
  setMinimumWidth(300);
  setAccessibleName(QStringLiteral("Predicted and measured gains"));
  connect(selection, &Selection::changed, this, [this] { update(); });
}

void LedgerPlot::setDocument(DocumentPtr document) {
  m_document = std::move(document);
  m_low = 0, m_high = 0.1;
  int measured = 0;
  if (m_document) {
    for (const auto& trial : m_document->trials) {
      if (!trial.predictedGainMs || !trial.measuredGainMs) continue;
      ++measured;
      for (const double v : {*trial.predictedGainMs, *trial.measuredGainMs})
        m_low = std::min(m_low, v), m_high = std::max(m_high, v);
    }
  }
  const double margin = (m_high - m_low) * 0.08;
  m_low -= margin, m_high += margin;
  setVisible(measured > 0);
  setAccessibleDescription(QStringLiteral("%1 trials were measured").arg(measured));
  update();
}

QPointF LedgerPlot::at(double predicted, double measured) const {
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  const QRectF area = QRectF(rect()).adjusted(u * 3.6, u * 2.6, -u, -u * 2.8);
  const double s = 1 / (m_high - m_low);
  return {area.left() + (predicted - m_low) * s * area.width(), area.bottom() - (measured - m_low) * s * area.height()};
}

void LedgerPlot::paintEvent(QPaintEvent*) {
  if (!m_document) return;
  QPainter p(this);
  const auto& theme = Theme::of(*this);
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  drawCard(p, rect(), theme);
  drawText(p, {u, u * 0.7, width() - 2 * u, u * 1.3}, QStringLiteral("How good the predictions were"),
           scaledFont(*this, 1.02, QFont::DemiBold), theme.text);
  p.setRenderHint(QPainter::Antialiasing);
  p.setPen(QPen(theme.grid, 1));
  p.drawLine(at(m_low, 0), at(m_high, 0));
  p.drawLine(at(0, m_low), at(0, m_high));
  p.setPen(QPen(theme.faint, 1, Qt::DashLine));
  p.drawLine(at(m_low, m_low), at(m_high, m_high));
  const auto small = scaledFont(*this, 0.88);
  drawText(p, {0, height() - u * 1.7, static_cast<double>(width()), u * 1.3},
           QStringLiteral("predicted gain, up to %1").arg(msText(m_high)), small, theme.muted, Qt::AlignHCenter);
  p.save();
  p.translate(u * 1.1, height() / 2.0);
  p.rotate(-90);
  drawText(p, {-u * 7, -u * 0.6, u * 14, u * 1.2}, QStringLiteral("measured gain"), small, theme.muted,
           Qt::AlignHCenter);
  p.restore();
  for (const auto& trial : m_document->trials) {
    if (!trial.predictedGainMs || !trial.measuredGainMs) continue;
    QColor color = trial.accepted ? theme.good : *trial.measuredGainMs < 0 ? theme.bad : theme.muted;
    const bool selected = m_selection->item() == Item{ItemKind::Trial, trial.id.value};
    p.setPen(QPen(selected ? theme.text : color, selected ? 2 : 1.2));
    color.setAlpha(trial.accepted ? 230 : 90);
    p.setBrush(color);
    p.drawEllipse(at(*trial.predictedGainMs, *trial.measuredGainMs), u * 0.36, u * 0.36);
  }
}

void LedgerPlot::mouseReleaseEvent(QMouseEvent* e) {
  if (!m_document) return;
  for (const auto& trial : m_document->trials) {
    if (!trial.predictedGainMs || !trial.measuredGainMs) continue;
    const auto d = at(*trial.predictedGainMs, *trial.measuredGainMs) - e->position();
    if (std::hypot(d.x(), d.y()) < 9) return m_selection->select({ItemKind::Trial, trial.id.value});
  }
}

AdviceView::AdviceView(Selection* selection, QWidget* parent)
    : View(selection, parent),
      m_proof(new ProofBanner),
      m_plot(new LedgerPlot(selection)),
      m_advice(new TableWidget),
      m_trials(new TableWidget),
      m_misses(new TableWidget),
      m_findings(new TableWidget),
      m_stack(new QStackedWidget),
      m_optimize(new QPushButton(QStringLiteral("Optimize…"))) {
  auto* line = new QHBoxLayout;
  auto* trialsPart = new QWidget;
  auto* trialsLayout = new QHBoxLayout(trialsPart);
  trialsLayout->setContentsMargins(0, 0, 0, 0);
  trialsLayout->setSpacing(12);
  trialsLayout->addWidget(m_trials, 3);
  trialsLayout->addWidget(m_plot, 1);
  for (auto* page : {static_cast<QWidget*>(m_advice), trialsPart, static_cast<QWidget*>(m_misses),
                     static_cast<QWidget*>(m_findings)})
    m_stack->addWidget(page);
  for (int i = 0; i < 4; ++i) {
    auto* part = new QPushButton;
    part->setObjectName(QStringLiteral("chip"));
    part->setCheckable(true);
    connect(part, &QPushButton::clicked, this, [this, i] { showPart(i); });
    line->addWidget(part);
    m_parts += part;
  }
  line->addStretch();
  m_optimize->setObjectName(QStringLiteral("primary"));
  line->addWidget(m_optimize);
  connect(m_optimize, &QPushButton::clicked, this, [this] { Q_EMIT action(QStringLiteral("optimize")); });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->setSpacing(12);
  layout->addWidget(m_proof);
  layout->addLayout(line);
  layout->addWidget(m_stack, 1);
  for (auto* table : {m_advice, m_trials, m_findings}) {
    connect(table, &TableWidget::picked, this, [this](const Item& item) { this->selection()->select(item); });
  }
  connect(m_findings, &TableWidget::opened, this, [this] { Q_EMIT jump(QStringLiteral("operators")); });
  setFocusProxy(m_advice);
}

void AdviceView::showPart(int part) {
  m_stack->setCurrentIndex(part);
  for (int i = 0; i < m_parts.size(); ++i) m_parts[i]->setChecked(i == part);
}

void AdviceView::documentChanged() {
  m_proof->setDocument(document());
  m_plot->setDocument(document());
  const auto& d = document();
  m_advice->setTable(d ? adviceTable(*d) : TableData{});
  m_trials->setTable(d ? trialTable(*d) : TableData{});
  m_misses->setTable(d ? nearMissTable(*d) : TableData{});
  m_findings->setTable(d ? findingTable(*d) : TableData{});
  const std::array titles{QStringLiteral("Advice"), QStringLiteral("Trials"), QStringLiteral("Almost matched"),
                          QStringLiteral("Findings")};
  const std::array<TableWidget*, 4> tables{m_advice, m_trials, m_misses, m_findings};
  int first = -1;
  for (int i = 0; i < 4; ++i) {
    const int rows = tables[static_cast<size_t>(i)]->source().rowCount();
    m_parts[i]->setText(QStringLiteral("%1  %2").arg(titles[static_cast<size_t>(i)]).arg(rows));
    m_parts[i]->setEnabled(rows > 0);
    if (first < 0 && rows > 0) first = i;
  }
  m_optimize->setVisible(d && !d->models.empty());
  showPart(std::max(0, first));
  m_stack->setVisible(first >= 0);
}

void AdviceView::showItem(const Item& item) {
  if (item.kind == ItemKind::Advice) m_advice->showItem(item), showPart(0);
  if (item.kind == ItemKind::Trial) m_trials->showItem(item), showPart(1);
}

void AdviceView::paintEvent(QPaintEvent*) {
  if (m_stack->isVisible()) return;
  QPainter p(this);
  const bool program = document() && document()->isRecording();
  drawEmpty(p, rect(), *this, QStringLiteral("No advice, no trials"),
            program ? QStringLiteral("Nothing in this recording asks for a change that would win 1 % or more.")
                    : QStringLiteral("Optimize tries rewrites of the model, measures each, keeps what is surely "
                                     "faster, and writes every trial into this profile."));
}

}  // namespace ridgeline::gui
