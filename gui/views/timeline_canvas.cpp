#include "gui/views/timeline_canvas.h"

#include "gui/models/text.h"
#include "gui/views/paint.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace ridgeline::gui {
namespace {

constexpr double kTrackGap = 10;

}  // namespace

TimelineCanvas::TimelineCanvas(TimelineSource& source, QWidget* parent) : QWidget(parent), m_source(source) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setAccessibleName(QStringLiteral("Timeline"));
  setMinimumSize(400, 200);
  connect(&source, &TimelineSource::ready, this, [this] {
    m_strip = {};
    arrange();
    fitAll();
    setAccessibleDescription(QStringLiteral("%1 tracks over %2")
                                 .arg(m_source.tracks().size())
                                 .arg(msText(static_cast<double>(m_source.endNs() - m_source.startNs()) * 1e-6)));
  });
  connect(&source, &TimelineSource::arrived, this, qOverload<>(&QWidget::update));
  connect(&source, &TimelineSource::flowsArrived, this, [this](const std::vector<TimelineFlow>& flows) {
    m_flows = flows;
    update();
  });
}

void TimelineCanvas::setDocument(DocumentPtr document) {
  m_document = std::move(document);
  m_strip = {};
  m_rows.clear(), m_colors.clear(), m_texts.clear(), m_upwards.clear(), m_kernelBounds.clear(), m_matches.clear(),
      m_flows.clear();
  m_chosen.reset(), m_stretch.reset();
  m_operator = 0;
  m_scroll = 0;
  if (m_document) {
    for (const auto& kernel : m_document->kernels()) m_kernelBounds[kernel.name] = kernel.bound;
  }
  update();
}

void TimelineCanvas::setMessage(const QString& title, const QString& text) {
  m_messageTitle = title, m_messageText = text;
  update();
}

// Taller where there are few lanes, so that a single thread is not a thin line on an empty page.
double TimelineCanvas::laneHeight() const { return m_laneHeight; }

void TimelineCanvas::chooseSizes() {
  m_labelFont = scaledFont(*this, 0.86);
  m_labelHeight = QFontMetricsF(m_labelFont).height();
  const double least = std::round(QFontMetricsF(scaledFont(*this, 0.92)).height() + 4);
  double lanes = 0;
  for (const auto& track : m_source.tracks()) lanes += track.lanes + 0.6;
  // One thread alone is as tall as a name is long: its narrow slices are labelled upwards.
  const double most = least * (lanes < 3 ? 14 : 2.4);
  m_laneHeight = std::round(std::clamp(trackArea().height() * 0.8 / std::max(1.0, lanes), least, most));
}

QRectF TimelineCanvas::trackArea() const {
  const double header = std::clamp(width() * 0.16, 130.0, 220.0);
  return {header, kOverviewHeight + kRulerHeight, width() - header, height() - kOverviewHeight - kRulerHeight};
}

double TimelineCanvas::xOf(double ns) const {
  const auto area = trackArea();
  return area.left() + (ns - m_from) / (m_to - m_from) * area.width();
}

double TimelineCanvas::nsAt(double x) const {
  const auto area = trackArea();
  return m_from + (x - area.left()) / area.width() * (m_to - m_from);
}

void TimelineCanvas::arrange() {
  chooseSizes();
  m_rows.clear(), m_upwards.clear();
  double y = 8;
  QString group;
  for (size_t i = 0; i < m_source.tracks().size(); ++i) {
    const auto& track = m_source.tracks()[i];
    Row row{i, y, track.lanes * (laneHeight() + 1) + kTrackGap, {}};
    if (!track.group.isEmpty() && track.group != group) {
      row.heading = group = track.group;
      row.top += laneHeight() + 4;
    }
    y = row.top + row.height;
    m_rows.push_back(std::move(row));
  }
}

double TimelineCanvas::contentHeight() const {
  return m_rows.empty() ? 0 : m_rows.back().top + m_rows.back().height + 8;
}

void TimelineCanvas::fitAll() {
  const double span = std::max(1.0, static_cast<double>(m_source.endNs() - m_source.startNs()));
  setWindow(static_cast<double>(m_source.startNs()) - span * 0.01, static_cast<double>(m_source.endNs()) + span * 0.01);
}

void TimelineCanvas::setWindow(double from, double to) {
  const double all = std::max(1.0, static_cast<double>(m_source.endNs() - m_source.startNs()));
  const double length = std::clamp(to - from, 20.0, all * 1.1);
  const double middle =
      std::clamp((from + to) / 2, static_cast<double>(m_source.startNs()), static_cast<double>(m_source.endNs()));
  m_from = middle - length / 2, m_to = middle + length / 2;
  Q_EMIT viewChanged();
  update();
}

void TimelineCanvas::zoomAt(double factor, double x) {
  const double at = nsAt(x);
  const double all = std::max(1.0, static_cast<double>(m_source.endNs() - m_source.startNs()));
  const double f = std::clamp((m_to - m_from) * factor, 20.0, all * 1.1) / (m_to - m_from);
  setWindow(at - (at - m_from) * f, at + (m_to - at) * f);
}

void TimelineCanvas::panBy(double pixels) {
  const double ns = pixels / trackArea().width() * (m_to - m_from);
  setWindow(m_from + ns, m_to + ns);
}

void TimelineCanvas::scrollBy(double pixels) {
  m_scroll = std::clamp(m_scroll + pixels, 0.0, std::max(0.0, contentHeight() - trackArea().height()));
  Q_EMIT viewChanged();
  update();
}

void TimelineCanvas::setMatches(const std::vector<int64_t>& names) {
  m_matches.clear();
  m_matches.insert(names.begin(), names.end());
  update();
}

void TimelineCanvas::setOperator(int64_t op) {
  m_operator = op;
  update();
}

// Operators have the colour of their bound, kernels that of their group's; everything else one by its name.
QRgb TimelineCanvas::colorOf(const Span& span) const {
  constexpr int64_t kMost = 1 << 20;
  const int64_t place = span.name < 0 ? -2 * span.name - 1 : 2 * span.name;
  QRgb* const kept = span.name > -kMost && span.name < kMost ? &keptColor(static_cast<size_t>(place)) : nullptr;
  if (kept != nullptr && *kept != 0) return *kept;
  const auto& theme = Theme::of(*this);
  QColor color = theme.faint;
  const auto* op = span.name < 0 && m_document ? m_document->find(profile::OperatorId{-span.name}) : nullptr;
  if (op != nullptr) {
    color = theme.bound(op->bound);
  } else if (span.kind == profile::SliceKind::Copy || span.kind == profile::SliceKind::Set) {
    color = theme.bound(profile::Bound::Transfer);
  } else if (span.name != 0) {
    const auto name = m_source.nameOf(span.name);
    const auto kernel =
        span.kind == profile::SliceKind::Kernel ? m_kernelBounds.find(name.toStdString()) : m_kernelBounds.end();
    color = kernel != m_kernelBounds.end() && kernel->second != profile::Bound::Unknown ? theme.bound(kernel->second)
                                                                                        : theme.named(qHash(name));
  }
  if (kept != nullptr) *kept = color.rgb();
  return color.rgb();
}

QRgb& TimelineCanvas::keptColor(size_t place) const {
  if (place >= m_colors.size()) m_colors.resize(place + 1024, 0);
  return m_colors[place];
}

// Asks for what is seen and not there as finely as it could be drawn.
void TimelineCanvas::ask() {
  const auto area = trackArea();
  const auto from = static_cast<int64_t>(m_from), to = static_cast<int64_t>(m_to) + 1;
  const auto resolution = std::max<int64_t>(1, static_cast<int64_t>(2 * (m_to - m_from) / area.width()));
  for (const auto& row : m_rows) {
    if (row.top + row.height < m_scroll || row.top > m_scroll + area.height()) continue;
    const auto id = m_source.tracks()[row.track].id;
    if (!m_source.fits(id, from, to, resolution)) m_source.request(id, from, to, resolution);
  }
}

void TimelineCanvas::paintEvent(QPaintEvent*) {
  QPainter p(this);
  const auto& theme = Theme::of(*this);
  p.fillRect(rect(), theme.card);
  if (m_rows.empty()) {
    drawEmpty(p, rect(), *this, m_messageTitle, m_messageText);
    return;
  }
  ask();
  const auto area = trackArea();
  p.save();
  p.setClipRect(QRectF(0, area.top(), width(), area.height()));
  const auto from = static_cast<int64_t>(m_from), to = static_cast<int64_t>(m_to) + 1;
  for (const auto& row : m_rows) {
    const double top = area.top() + row.top - m_scroll;
    if (top + row.height < area.top() || top - laneHeight() > height()) continue;
    drawHeader(p, row);
    if (const auto* window = m_source.window(m_source.tracks()[row.track].id, from, to)) drawTrack(p, row, *window);
  }
  drawFlows(p);
  p.restore();
  drawRuler(p);
  drawOverview(p);
  drawMarks(p);
}

void TimelineCanvas::drawHeader(QPainter& p, const Row& row) {
  const auto& theme = Theme::of(*this);
  const auto area = trackArea();
  const double top = area.top() + row.top - m_scroll;
  const auto& track = m_source.tracks()[row.track];
  if (!row.heading.isEmpty()) {
    p.setPen(theme.border);
    p.drawLine(QPointF(0, top - laneHeight() - 4), QPointF(width(), top - laneHeight() - 4));
    drawText(p, {12, top - laneHeight() - 1, width() - 24.0, laneHeight()}, row.heading,
             scaledFont(*this, 0.92, QFont::DemiBold), theme.text);
  }
  drawText(p, {12, top, area.left() - 20, std::min(laneHeight(), row.height - kTrackGap)}, track.name,
           scaledFont(*this, 0.92), theme.text);
  if (row.height > 2 * laneHeight() + kTrackGap) {
    drawText(p, {12, top + laneHeight(), area.left() - 20, laneHeight()},
             countText(static_cast<double>(track.slices)) + QStringLiteral(" slices"), scaledFont(*this, 0.85),
             theme.muted);
  }
  p.setPen(theme.grid);
  p.drawLine(QPointF(0, top + row.height - kTrackGap / 2), QPointF(width(), top + row.height - kTrackGap / 2));
}

void TimelineCanvas::drawTrack(QPainter& p, const Row& row, const TrackWindow& window) {
  const auto area = trackArea();
  p.save();
  p.setClipRect(area, Qt::IntersectClip);
  for (size_t lane = 0; lane < window.lanes.size(); ++lane) {
    const double top = area.top() + row.top - m_scroll + static_cast<double>(lane) * (laneHeight() + 1);
    if (top > height() || top + laneHeight() < area.top() || window.lanes[lane].empty()) continue;
    drawLane(p, window.lanes[lane], top, laneHeight());
  }
  p.restore();
}

// Wide spans are boxes with names. Narrow ones share pixels: each pixel gets the mixed colour of what lies in it, as
// strong as it is filled, and a whole lane of them is one image.
void TimelineCanvas::drawLane(QPainter& p, const std::vector<Span>& spans, double top, double height) {
  const auto area = trackArea();
  const auto width = static_cast<size_t>(area.width()) + 1;
  m_cover.assign(width, 0), m_red.assign(width, 0), m_green.assign(width, 0), m_blue.assign(width, 0);
  const double scale = area.width() / (m_to - m_from);
  bool narrow = false;
  auto it = std::lower_bound(spans.begin(), spans.end(), static_cast<int64_t>(m_from),
                             [](const Span& s, int64_t at) { return s.endNs < at; });
  std::vector<std::pair<const Span*, QRectF>> labelled;
  for (; it != spans.end() && static_cast<double>(it->startNs) < m_to; ++it) {
    const double x0 = (static_cast<double>(it->startNs) - m_from) * scale,
                 x1 = (static_cast<double>(it->endNs) - m_from) * scale;
    const QRgb color = colorOf(*it);
    if (x1 - x0 >= 2.5 && it->count == 1) {
      const double left = std::max(x0, -4.0), right = std::min(x1, area.width() + 4);
      const QRectF box(area.left() + left, top, std::max(1.0, right - left - 0.8), height);
      p.fillRect(box, QColor(color));
      const bool upwards = height > 5 * m_labelHeight && box.width() >= m_labelHeight;
      if (box.width() > 34 || upwards) labelled.emplace_back(&*it, box);
      continue;
    }
    narrow = true;
    const double filled =
        it->endNs > it->startNs ? static_cast<double>(it->busyNs) / static_cast<double>(it->endNs - it->startNs) : 1;
    const double from = std::max(0.0, x0), until = std::min(static_cast<double>(width) - 1e-6, std::max(x1, x0 + 0.6));
    for (auto px = static_cast<size_t>(from); px < width && static_cast<double>(px) < until; ++px) {
      const double part = std::min(until, static_cast<double>(px) + 1) - std::max(from, static_cast<double>(px));
      const auto weight = static_cast<float>(std::max(0.0, part) * filled);
      m_cover[px] += weight;
      m_red[px] += weight * static_cast<float>(qRed(color));
      m_green[px] += weight * static_cast<float>(qGreen(color));
      m_blue[px] += weight * static_cast<float>(qBlue(color));
    }
  }
  if (narrow) drawNarrow(p, top, height);
  if (!labelled.empty()) p.setFont(m_labelFont);
  for (const auto& [span, box] : labelled) drawLabel(p, *span, box, colorOf(*span));
}

// One row of pixels, already mixed with what lies behind, as a texture: the fastest that a raster can be told.
void TimelineCanvas::drawNarrow(QPainter& p, double top, double height) {
  const auto& theme = Theme::of(*this);
  const auto width = static_cast<int>(m_cover.size());
  if (m_line.width() != width) m_line = QImage(width, 1, QImage::Format_RGB32);
  auto* line = reinterpret_cast<QRgb*>(m_line.scanLine(0));
  const float backRed = static_cast<float>(theme.card.red()), backGreen = static_cast<float>(theme.card.green()),
              backBlue = static_cast<float>(theme.card.blue());
  const double left = std::floor(trackArea().left());
  std::vector<std::pair<int, int>> stretches;  // where there is anything; wide boxes may lie between
  for (int px = 0; px < width; ++px) {
    const auto at = static_cast<size_t>(px);
    const float cover = m_cover[at];
    if (cover <= 0.001F) continue;
    if (stretches.empty() || stretches.back().second != px) stretches.emplace_back(px, px);
    stretches.back().second = px + 1;
    const float strength = std::min(1.0F, 0.25F + 0.75F * cover);  // a lone slice is still seen
    const auto part = [&](float sum, float back) {
      return static_cast<int>(sum / cover * strength + back * (1 - strength));
    };
    line[px] = qRgb(part(m_red[at], backRed), part(m_green[at], backGreen), part(m_blue[at], backBlue));
  }
  const QBrush brush(m_line);
  p.setBrushOrigin(QPointF(left, top));
  for (const auto& [begin, end] : stretches) p.fillRect(QRectF(left + begin, top, end - begin, height), brush);
}

// A name that is longer than its lane is high loses its middle.
const QStaticText& TimelineCanvas::cutUpwards(const Span& span, const QStaticText& text, double room) {
  if (text.size().width() <= room) return text;
  auto& cut = m_upwards[span.name];
  if (cut.text().isEmpty()) {
    cut.setTextFormat(Qt::PlainText);
    cut.setText(QFontMetricsF(m_labelFont).elidedText(text.text(), Qt::ElideMiddle, room));
    cut.setPerformanceHint(QStaticText::AggressiveCaching);
    cut.prepare({}, m_labelFont);
  }
  return cut;
}

void TimelineCanvas::drawLabel(QPainter& p, const Span& span, const QRectF& box, QRgb fill) {
  auto& text = m_texts[span.name];
  if (text.text().isEmpty()) {
    text.setTextFormat(Qt::PlainText);
    const auto* op = span.name < 0 && m_document ? m_document->find(profile::OperatorId{-span.name}) : nullptr;
    const QString name = shortened(m_source.nameOf(span.name), 120);
    text.setText(op == nullptr ? name : qs(op->opType) + QStringLiteral("  ") + name);
    text.setPerformanceHint(QStaticText::AggressiveCaching);
    text.prepare({}, m_labelFont);
  }
  const bool bright = qGray(fill) > 140;
  p.setPen(bright ? QColor(0x14, 0x16, 0x1b) : QColor(0xff, 0xff, 0xff));
  if (box.height() > 5 * m_labelHeight && box.width() < text.size().width()) {
    p.save();
    p.translate(box.center().x() - m_labelHeight / 2, box.bottom() - 6);
    p.rotate(-90);
    p.drawStaticText(QPointF(0, 0), cutUpwards(span, text, box.height() - 12));
    p.restore();
    return;
  }
  const double left = std::max(box.left(), trackArea().left()) + 5, room = box.right() - left - 3;
  const QPointF at(left, box.top() + (box.height() - m_labelHeight) / 2);
  if (text.size().width() <= room) return p.drawStaticText(at, text);
  p.save();
  p.setClipRect(QRectF(left, box.top(), room, box.height()), Qt::IntersectClip);
  p.drawStaticText(at, text);
  p.restore();
}

void TimelineCanvas::changeEvent(QEvent* e) {
  if (e->type() == QEvent::PaletteChange || e->type() == QEvent::FontChange) {
    m_strip = {};
    m_colors.clear(), m_texts.clear(), m_upwards.clear();
    arrange();
  }
  QWidget::changeEvent(e);
}

void TimelineCanvas::resizeEvent(QResizeEvent*) {
  arrange();
  scrollBy(0);
}

}  // namespace ridgeline::gui
