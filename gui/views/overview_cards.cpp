// The cards below the first one.
#include "gui/models/text.h"
#include "gui/views/overview_view.h"
#include "gui/views/paint.h"

#include <QRegularExpression>
#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

namespace ridgeline::gui {

void OverviewCanvas::drawHeadrooms(QPainter& p, const QRectF& card) {
  const auto& theme = Theme::of(*this);
  const double u = unit();
  const double sum = sumOfHeadrooms(*m_document);
  const auto area = titled(p, card, QStringLiteral("Largest headrooms"),
                           QStringLiteral("time above the roof, %1 in all").arg(msText(sum)));
  const size_t rows = std::min(rowsIn(area.height()), m_headrooms.size());
  const double row = std::min(area.height() / static_cast<double>(std::max<size_t>(5, rows)), u * 3.4);
  const double longest = std::accumulate(m_headrooms.begin(), m_headrooms.end(), 0.0,
                                         [](double a, const auto& h) { return std::max(a, h.timeMs); });
  double y = area.top();
  for (const auto& h : std::span(m_headrooms).first(rows)) {
    const QRectF line(area.left(), y, area.width(), row);
    spot(p, line, h.item, QStringLiteral("operators"),
         QStringLiteral("%1\n%2, %3\n%4 above a roof of %5")
             .arg(h.name, h.opType, h.boundText, msText(h.headroomMs), msText(h.roofMs)));
    const double right = u * 6.4;
    drawText(p, {line.right() - right, y, right, row}, QStringLiteral("−") + msText(h.headroomMs),
             scaledFont(*this, 1.15, QFont::DemiBold), theme.text, Qt::AlignRight | Qt::AlignVCenter);
    const QRectF body = line.adjusted(0, row * 0.08, -right, -row * 0.08);
    const double type = std::min(body.width() * 0.4,
                                 textWidth(scaledFont(*this, 0.92), h.opType + QStringLiteral("  ") + h.boundText) + u);
    drawText(p, {body.left(), body.top(), body.width() - type - u * 0.5, body.height() * 0.58}, h.name,
             scaledFont(*this, 1), theme.text, Qt::AlignLeft | Qt::AlignVCenter, Qt::ElideMiddle);
    drawText(p, {body.right() - type, body.top(), type, body.height() * 0.58},
             h.opType + QStringLiteral("  ") + h.boundText, scaledFont(*this, 0.92), theme.muted,
             Qt::AlignRight | Qt::AlignVCenter);
    drawBar(p, {body.left(), body.top() + body.height() * 0.64, body.width(), body.height() * 0.2},
            longest > 0 ? h.timeMs / longest : 0, h.timeMs > 0 ? h.roofMs / h.timeMs : 0, theme.bound(h.bound), theme);
    y += row;
  }
  if (m_headrooms.empty()) {
    drawText(p, area, QStringLiteral("Nothing takes longer than its roof allows, or no roof is known."),
             scaledFont(*this, 1), theme.muted, Qt::AlignHCenter | Qt::AlignVCenter);
  }
}

void OverviewCanvas::drawLongest(QPainter& p, const QRectF& card) {
  const auto& theme = Theme::of(*this);
  const double u = unit();
  const bool kernels = !m_document->kernels().empty();
  const auto area = titled(
      p, card, kernels ? QStringLiteral("Kernels that take longest") : QStringLiteral("Operators that take longest"),
      kernels ? QStringLiteral("%1 kinds").arg(m_document->kernels().size())
              : QStringLiteral("of %1").arg(m_document->report.operators.size()));
  const auto page = kernels ? QStringLiteral("kernels") : QStringLiteral("operators");
  const size_t rows = std::min(rowsIn(area.height()), m_longest.size());
  const double row = std::min(area.height() / static_cast<double>(std::max<size_t>(5, rows)), u * 3.4);
  double y = area.top();
  for (const auto& work : std::span(m_longest).first(rows)) {
    const QRectF line(area.left(), y, area.width(), row);
    spot(p, line, work.item, page, work.name);
    const double right = u * 6.4, note = u * 8.5;
    drawText(p, {line.right() - right, y, right, row}, msText(work.ms), scaledFont(*this, 1.15, QFont::DemiBold),
             theme.text, Qt::AlignRight | Qt::AlignVCenter);
    const QRectF body = line.adjusted(0, row * 0.08, -right, -row * 0.08);
    drawText(p, {body.left(), body.top(), body.width() - note - u * 0.5, body.height() * 0.58}, work.name,
             scaledFont(*this, 1), theme.text, Qt::AlignLeft | Qt::AlignVCenter, Qt::ElideMiddle);
    drawText(p, {body.right() - note, body.top(), note, body.height() * 0.58}, work.note, scaledFont(*this, 0.92),
             theme.muted, Qt::AlignRight | Qt::AlignVCenter);
    const double longest = m_longest.front().ms;
    drawBar(p, {body.left(), body.top() + body.height() * 0.64, body.width(), body.height() * 0.2},
            longest > 0 ? work.ms / longest : 0, std::numeric_limits<double>::quiet_NaN(), theme.bound(work.bound),
            theme);
    y += row;
  }
  if (m_longest.empty()) {
    drawText(p, area, QStringLiteral("Neither kernels nor operators were recorded."), scaledFont(*this, 1), theme.muted,
             Qt::AlignHCenter | Qt::AlignVCenter);
  }
}

double OverviewCanvas::drawProof(QPainter& p, const QRectF& area) {
  if (!m_document->proof) return 0;
  const auto& theme = Theme::of(*this);
  const auto& proof = *m_document->proof;
  const double u = unit();
  const bool faster = proof.verdict == profile::Verdict::Faster;
  const QRectF box(area.left(), area.top(), area.width(), u * 2.3);
  spot(p, box, {}, QStringLiteral("advice"), QStringLiteral("See every trial"));
  p.setPen(Qt::NoPen);
  p.setBrush(mixed(faster ? theme.good : theme.muted, theme.card, 0.85));
  p.drawRoundedRect(box, 6, 6);
  const auto strong = scaledFont(*this, 1.15, QFont::Bold);
  const QString headline =
      faster ? QStringLiteral("%1× faster, proved").arg(proof.speedup, 0, 'f', 2) : QStringLiteral("Not surely faster");
  const double used =
      drawText(p, box.adjusted(u * 0.7, 0, -u * 0.5, 0), headline, strong, faster ? theme.good : theme.text);
  QString detail = QStringLiteral("%1 → %2").arg(msText(proof.baselineMs), msText(proof.optimizedMs));
  if (proof.cosine) detail += QStringLiteral(", cosine %1").arg(*proof.cosine, 0, 'f', 4);
  drawText(p, box.adjusted(u * 1.4 + used, 0, -u * 0.5, 0), detail, scaledFont(*this, 0.96), theme.muted);
  return box.height() + u * 0.5;
}

void OverviewCanvas::drawAdvice(QPainter& p, const QRectF& card) {
  const auto& theme = Theme::of(*this);
  const double u = unit();
  const auto& report = m_document->report;
  const QString of = !m_document->isRecording() ? QString()
                     : report.observedLatencyMs
                         ? QStringLiteral(" of a step of %1").arg(msText(*report.observedLatencyMs))
                         : QStringLiteral(" in the whole recording");
  auto area = titled(p, card, QStringLiteral("What to do"), QStringLiteral("largest predicted gain first") + of);
  area.setTop(area.top() + drawProof(p, area));
  const size_t rows = m_document->proof && area.height() < u * 12 ? 4 : rowsIn(area.height());
  const size_t count = std::min(rows, m_document->report.advice.size());
  const double row = std::min(area.height() / static_cast<double>(std::max<size_t>(3, count)), u * 3.2);
  double most = 0;
  for (const auto& advice : m_document->report.advice) most = std::max(most, advice.predictedGainMs.value_or(0));
  double y = area.top();
  for (size_t i = 0; i < count; ++i, y += row) {
    const auto& advice = m_document->report.advice[i];
    const QRectF line(area.left(), y, area.width(), row);
    spot(p, line, {ItemKind::Advice, advice.id.value}, QStringLiteral("advice"), qs(advice.risk));
    const double right = u * 5.8;
    drawText(p, {line.right() - right, y, right, row},
             advice.predictedGainMs ? QStringLiteral("−") + msText(*advice.predictedGainMs) : QStringLiteral("unknown"),
             scaledFont(*this, 1.1, QFont::DemiBold), theme.text, Qt::AlignRight | Qt::AlignVCenter);
    const QRectF body = line.adjusted(0, row * 0.06, -right, -row * 0.06);
    QString name = qs(advice.rule);
    if (!advice.variant.empty()) name += QStringLiteral(" ") + qs(advice.variant);
    drawText(p, {body.left(), body.top(), body.width(), body.height() * 0.5}, name,
             scaledFont(*this, 1, QFont::DemiBold), theme.text);
    drawText(p, {body.left(), body.top() + body.height() * 0.48, body.width(), body.height() * 0.46},
             qs(advice.target) + (advice.lossy ? QStringLiteral(", lossy") : QStringLiteral(", exact")),
             scaledFont(*this, 0.92), theme.muted);
  }
  if (m_document->report.advice.empty() && !m_document->proof) {
    drawText(p, area,
             m_document->models.empty() ? QStringLiteral("Nothing here asks for a change.")
                                        : QStringLiteral("No advice yet.  Ctrl+Shift+O optimizes this model."),
             scaledFont(*this, 1), theme.muted, Qt::AlignHCenter | Qt::AlignVCenter);
  }
}

void OverviewCanvas::drawRoofs(QPainter& p, const QRectF& card) {
  const auto& theme = Theme::of(*this);
  const double u = unit();
  const auto& report = m_document->report;
  QString device = qs(report.device);
  if (report.threads > 0) device += QStringLiteral(", %1 threads").arg(report.threads);
  const auto area = titled(p, card, QStringLiteral("Roofs"), device);
  const auto column = [&](profile::RoofKind kind, double left, double width) {
    std::vector<const profile::Roof*> roofs;
    double most = 0;
    for (const auto& roof : report.roofs) {
      if (roof.kind == kind) roofs.push_back(&roof), most = std::max(most, roof.value);
    }
    const double row = std::min(u * 1.5, area.height() / std::max<double>(1, static_cast<double>(roofs.size())));
    const auto font = scaledFont(*this, std::min(0.95, row / u * 0.92));
    double y = area.top();
    for (const auto* roof : roofs) {
      const bool compute = kind == profile::RoofKind::Compute;
      const QString name = compute ? qs(roof->dtype) : qs(roof->level + " " + roof->pattern);
      drawText(p, {left, y, u * 6, row}, name, font, theme.muted);
      const QString unitName = qs(roof->unit).section(QLatin1Char('/'), 0, 0);
      const double valueWidth = u * 6.6;
      drawBar(p, {left + u * 6.2, y + row * 0.3, width - u * 6.2 - valueWidth - u * 0.5, row * 0.4},
              most > 0 ? roof->value / most : 0, std::numeric_limits<double>::quiet_NaN(),
              theme.bound(compute ? profile::Bound::Compute : profile::Bound::Memory), theme);
      drawText(p, {left + width - valueWidth, y, valueWidth, row}, rateText(roof->value, unitName.toStdString()), font,
               theme.text, Qt::AlignRight | Qt::AlignVCenter);
      spot(p, {left, y, width, 0}, {}, QStringLiteral("roofline"), {});
      m_spots.back() = {{left, y, width, row},
                        {},
                        QStringLiteral("roofline"),
                        QStringLiteral("%1 %2\n%3").arg(qs(nameOf(roof->provenance)), name, qs(roof->how))};
      y += row;
    }
  };
  if (report.roofs.empty()) {
    drawText(p, area, QStringLiteral("No roofs are known for this device."), scaledFont(*this, 1), theme.muted,
             Qt::AlignHCenter | Qt::AlignVCenter);
    return;
  }
  column(profile::RoofKind::Compute, area.left(), area.width() * 0.47);
  column(profile::RoofKind::Bandwidth, area.left() + area.width() * 0.53, area.width() * 0.47);
}

void OverviewCanvas::drawKnown(QPainter& p, const QRectF& card) {
  const auto& theme = Theme::of(*this);
  const double u = unit();
  const auto area = titled(p, card, QStringLiteral("Worth knowing"), {});
  double y = area.top();
  const auto font = scaledFont(*this, 0.96);
  const auto paragraph = [&](QString text, const QColor& dot) {
    static const QRegularExpression unitAfterNumber(QStringLiteral("(\\d) (%|s|ms|us|µs|ns)(?!\\w)"));
    text.replace(unitAfterNumber, QStringLiteral("\\1\u00a0\\2"));  // a number and its unit stay on one line
    p.setFont(font);
    const QRectF room(area.left() + u, y, area.width() - u, area.bottom() - y);
    const QRectF used = p.boundingRect(room, Qt::TextWordWrap, text);
    if (used.height() > room.height() + 1) return;
    p.setPen(Qt::NoPen);
    p.setBrush(dot);
    p.drawEllipse(QPointF(area.left() + u * 0.3, y + u * 0.55), u * 0.22, u * 0.22);
    p.setPen(theme.text);
    p.drawText(room, Qt::TextWordWrap, text);
    y += used.height() + u * 0.35;
  };
  p.setRenderHint(QPainter::Antialiasing);
  for (const auto& caution : m_cautions)
    paragraph(caution.text, caution.severity == profile::Severity::Warning ? theme.bad : theme.warn);
  for (const auto& note : m_document->report.notes) paragraph(oneLine(qs(note)), theme.faint);
  for (const auto& finding : m_document->report.findings) {
    if (!finding.target.empty() || (finding.analyzer != "hotspots" && finding.severity != profile::Severity::Info))
      continue;
    paragraph(oneLine(qs(finding.text)), theme.accent);
  }
  if (m_document->report.roofs.empty())
    paragraph(QStringLiteral("Roofs need a recording made here: File, Record."), theme.faint);
  if (y == area.top()) paragraph(QStringLiteral("Nothing about this recording asks for caution."), theme.good);
}

}  // namespace ridgeline::gui
