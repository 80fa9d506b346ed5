#include "gui/views/overview_view.h"

#include "gui/models/text.h"
#include "gui/views/paint.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainterPath>
#include <QScrollArea>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

namespace ridgeline::gui {

OverviewCanvas::OverviewCanvas(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(QStringLiteral("Overview"));
}

double OverviewCanvas::unit() const { return QFontMetricsF(scaledFont(*this, 1)).height(); }

size_t OverviewCanvas::rowsIn(double height) const {
  return static_cast<size_t>(std::clamp(static_cast<int>(height / (unit() * 2.6)), 5, kMostRows));
}

QSize OverviewCanvas::sizeHint() const { return {1000, static_cast<int>(unit() * 38)}; }

void OverviewCanvas::setDocument(DocumentPtr document) {
  m_document = std::move(document);
  m_shares.clear(), m_types.clear(), m_headrooms.clear(), m_longest.clear(), m_cautions.clear();
  m_hover = m_focus = -1;
  if (m_document) {
    m_shares = timeShares(*m_document);
    m_types = timeByType(*m_document, 6);
    m_headrooms = largestHeadrooms(*m_document, kMostRows);
    m_longest = longestWork(*m_document, kMostRows);
    m_cautions = cautions(*m_document);
  }
  describe();
  update();
}

void OverviewCanvas::setItem(const Item& item) {
  m_item = item;
  update();
}

// What is painted, in words, for screen readers.
void OverviewCanvas::describe() {
  QStringList words;
  if (m_document) {
    const auto head = headline(*m_document);
    words += QStringLiteral("%1: %2.").arg(head.title, head.value);
    for (const auto& share : m_shares) {
      words += QStringLiteral("%1: %2, %3.").arg(share.name, percentText(share.fraction), msText(share.ms));
    }
    for (const auto& h : m_headrooms) {
      if (words.size() > 12) break;  // this is read aloud
      words += QStringLiteral("%1 could save %2.").arg(h.name, msText(h.headroomMs));
    }
  }
  setAccessibleDescription(words.join(QLatin1Char(' ')));
}

void OverviewCanvas::paintEvent(QPaintEvent*) {
  QPainter p(this);
  p.fillRect(rect(), Theme::of(*this).window);
  m_spots.clear();
  if (!m_document) return;
  if (m_document->isEmpty()) {
    drawEmpty(p, rect(), *this, QStringLiteral("Nothing was recorded"),
              QStringLiteral("This profile has no operators, no kernels and no timeline. Record a model, or import a "
                             "trace: File, Record or Import."));
    return;
  }
  const double u = unit(), gap = u * 0.8, margin = u;
  m_zoom = std::clamp(std::min(width() / (u * 78), height() / (u * 48)), 1.0, 1.5);
  p.scale(m_zoom, m_zoom);
  const double w = width() / m_zoom - 2 * margin, h = height() / m_zoom;
  const double rest = std::max(0.0, h - u * 38.0);
  const double first = u * 11.4 + rest * 0.1, second = u * 13.8 + rest * 0.5;
  const double third = h - 2 * margin - 2 * gap - first - second;
  double y = margin;
  drawTime(p, {margin, y, w, first});
  y += first + gap;
  const double left = (w - gap) * 0.54;
  const bool advised = !m_document->report.advice.empty() || m_document->proof;
  if (m_document->report.roofs.empty()) {  // of another tool, often: what is known gets the room
    const double both = second + gap + third, right = margin + left + gap, width = w - gap - left;
    m_headrooms.empty() ? drawLongest(p, {margin, y, left, both}) : drawHeadrooms(p, {margin, y, left, both});
    if (!advised) return drawKnown(p, {right, y, width, both});
    const double advice = u * 3.4 + u * 3.2 * std::max(3.0, static_cast<double>(m_document->report.advice.size()));
    const double upper = std::min(both * 0.54, m_document->proof ? both : advice);
    drawAdvice(p, {right, y, width, upper});
    return drawKnown(p, {right, y + upper + gap, width, both - upper - gap});
  }
  const QRectF leftCard(margin, y, left, second), rightCard(margin + left + gap, y, w - gap - left, second);
  m_headrooms.empty() ? drawLongest(p, leftCard) : drawHeadrooms(p, leftCard);
  drawAdvice(p, rightCard);
  y += second + gap;
  drawRoofs(p, {margin, y, left, third});
  drawKnown(p, {margin + left + gap, y, w - gap - left, third});
}

QRectF OverviewCanvas::titled(QPainter& p, const QRectF& card, const QString& title, const QString& note) {
  const auto& theme = Theme::of(*this);
  const double u = unit(), pad = u * 0.9;
  drawCard(p, card, theme);
  const QRectF line(card.left() + pad, card.top() + pad * 0.8, card.width() - 2 * pad, u * 1.3);
  const double used = drawText(p, line, title, scaledFont(*this, 1.08, QFont::DemiBold), theme.text);
  drawText(p, line.adjusted(used + u * 0.7, 0, 0, 0), note, scaledFont(*this, 0.92), theme.muted);
  return card.adjusted(pad, pad * 0.8 + u * 1.8, -pad, -pad * 0.8);
}

void OverviewCanvas::spot(QPainter& p, const QRectF& rect, const Item& item, const QString& page, const QString& tip) {
  const auto& theme = Theme::of(*this);
  const int index = static_cast<int>(m_spots.size());
  const bool focused = hasFocus() && index == m_focus;
  if (index == m_hover || focused || (item && item == m_item)) {
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(focused ? QPen(theme.accent, 1.5) : QPen(Qt::NoPen));
    p.setBrush(item && item == m_item ? theme.selection : theme.raised);
    p.drawRoundedRect(rect.adjusted(-6, 0, 6, 0), 6, 6);
  }
  m_spots.push_back({rect, item, page, tip});
}

void OverviewCanvas::drawTime(QPainter& p, const QRectF& card) {
  const auto& theme = Theme::of(*this);
  const double u = unit();
  drawCard(p, card, theme);
  const QRectF inner = card.adjusted(u * 1.1, u * 0.9, -u * 1.1, -u * 0.8);
  const double latency = std::clamp(inner.width() * 0.23, u * 11.5, u * 16);
  drawLatency(p, {inner.left(), inner.top(), latency, inner.height()});
  const QRectF right = inner.adjusted(latency + u * 1.2, 0, 0, 0);
  const double upper = inner.height() * 0.66;
  drawShares(p, {right.left(), right.top(), right.width(), upper});
  drawTypes(p, {right.left(), right.top() + upper, right.width(), right.height() - upper});
}

void OverviewCanvas::drawLatency(QPainter& p, const QRectF& area) {
  const auto& theme = Theme::of(*this);
  const double u = unit();
  const auto head = headline(*m_document);
  double y = area.top();
  const auto line = [&](const QString& text, const QFont& font, const QColor& color, double height) {
    drawText(p, {area.left(), y, area.width(), height}, text, font, color);
    y += height;
  };
  line(head.title, scaledFont(*this, 1.08, QFont::DemiBold), theme.text, u * 1.3);
  line(head.value, scaledFont(*this, 2.9, QFont::Bold), theme.text, u * 3.6);
  for (const auto& [text, mind] : head.lines) {
    line(text, scaledFont(*this, 0.92), mind ? theme.warn : theme.muted, u * 1.25);
  }
}

// Columns below a bar: as wide as their names. Where there is no room, slivers go without, then the widest give way.
std::vector<double> OverviewCanvas::shareColumns(double room) const {
  const double u = unit();
  const size_t count = std::min<size_t>(m_shares.size(), 6);
  const auto font = scaledFont(*this, 0.95, QFont::DemiBold);
  std::vector<double> widths;
  for (const auto& share : std::span(m_shares).first(count)) {
    widths.push_back(std::max(textWidth(font, share.name) + u * 2, u * 7));
  }
  const auto sum = [&] { return std::accumulate(widths.begin(), widths.end(), 0.0); };
  while (widths.size() > 1 && sum() > room && m_shares[widths.size() - 1].fraction < 0.005) widths.pop_back();
  for (int i = 0; i < 200 && sum() > room; ++i) {
    auto& widest = *std::max_element(widths.begin(), widths.end());
    widest -= std::min(u * 0.5, sum() - room);
  }
  return widths;
}

void OverviewCanvas::drawShares(QPainter& p, const QRectF& area) {
  const auto& theme = Theme::of(*this);
  const double u = unit();
  const auto title = scaledFont(*this, 1.08, QFont::DemiBold);
  const double used = drawText(p, {area.left(), area.top(), area.width(), u * 1.3},
                               QStringLiteral("Where the time goes"), title, theme.text);
  drawText(p, {area.left() + used + u * 0.7, area.top(), area.width() - used - u, u * 1.3},
           m_document->report.recorded.devices.empty() ? QStringLiteral("by what bounds it")
                                                       : QStringLiteral("what devices did, first work to last"),
           scaledFont(*this, 0.92), theme.muted);
  const QRectF bar(area.left(), area.top() + u * 1.75, area.width(), u * 2.6);
  QPainterPath clip;
  clip.addRoundedRect(bar, 6, 6);
  p.save();
  p.setClipPath(clip);
  double x = bar.left();
  for (const auto& share : m_shares) {
    const QRectF part(x, bar.top(), share.fraction * bar.width(), bar.height());
    p.fillRect(part.adjusted(0, 0, -1.5, 0), colorOf(share));
    if (part.width() > u * 3) {
      drawText(p, part.adjusted(u * 0.6, 0, -u * 0.3, 0), percentText(share.fraction),
               scaledFont(*this, 1.25, QFont::Bold), theme.onBound(share.bound));
    }
    x += part.width();
  }
  p.restore();
  const auto columns = shareColumns(area.width());
  double left = area.left();
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto& share = m_shares[i];
    const double top = bar.bottom() + u * 0.45, width = columns[i] - u * 1.4;
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(Qt::NoPen);
    p.setBrush(colorOf(share));
    p.drawRoundedRect(QRectF(left, top + u * 0.3, u * 0.7, u * 0.7), 3, 3);
    drawText(p, {left + u, top, width, u * 1.25}, share.name, scaledFont(*this, 0.95, QFont::DemiBold), theme.text);
    drawText(p, {left + u, top + u * 1.15, width, u * 1.2},
             share.count > 0 ? QStringLiteral("%1 in %2").arg(msText(share.ms)).arg(share.count) : msText(share.ms),
             scaledFont(*this, 0.92), theme.muted);
    left += columns[i];
  }
}

// Two shares of one bound are told apart.
QColor OverviewCanvas::colorOf(const Share& share) const {
  const auto& theme = Theme::of(*this);
  int before = 0;
  for (const auto& other : m_shares) {
    if (&other == &share) break;
    if (other.bound == share.bound) ++before;
  }
  return mixed(theme.bound(share.bound), theme.card, std::min(0.75, 0.35 * before));
}

void OverviewCanvas::drawTypes(QPainter& p, const QRectF& area) {
  const auto& theme = Theme::of(*this);
  const double u = unit();
  const double top = area.top() + u * 0.35;
  const auto small = scaledFont(*this, 0.92);
  const QRectF bar(area.left(), top + u * 1.4, area.width(), u * 0.8);
  drawText(p, {area.left(), top, area.width(), u * 1.2},
           madeOfKernels(*m_document) ? QStringLiteral("kernels, by name") : QStringLiteral("by operator type"), small,
           theme.muted);
  QPainterPath clip;
  clip.addRoundedRect(bar, 4, 4);
  p.save();
  p.setClipPath(clip);
  double x = bar.left();
  for (size_t i = 0; i < m_types.size(); ++i) {
    const double w = m_types[i].fraction * bar.width();
    p.fillRect(QRectF(x, bar.top(), w - 1, bar.height()),
               mixed(theme.muted, theme.card, 0.1 + 0.13 * static_cast<double>(i)));
    x += w;
  }
  p.restore();
  x = bar.left();
  double labelled = bar.left() - u;  // labels do not overlap: one that has no room is left out
  for (const auto& type : m_types) {
    const double w = type.fraction * bar.width();
    const QString share = QStringLiteral(" ") + percentText(type.fraction);
    const double most = std::max(u * 12, w - u), name = most - textWidth(small, share);
    const QString label = QFontMetricsF(small).elidedText(type.name, Qt::ElideMiddle, name) + share;
    const double need = std::min(textWidth(small, label), most);
    if (std::max(x, labelled + u * 0.8) + need <= bar.right() + 1 && (w > u * 0.8 || x > labelled + u * 0.8)) {
      const double left = std::max(x, labelled + u * 0.8);
      drawText(p, {left, bar.bottom() + 2, need + 1, u * 1.2}, label, small, theme.text);
      labelled = left + need;
    }
    x += w;
  }
}

int OverviewCanvas::spotAt(const QPointF& at) const {
  for (size_t i = 0; i < m_spots.size(); ++i) {
    if (m_spots[i].rect.contains(at / m_zoom)) return static_cast<int>(i);
  }
  return -1;
}

void OverviewCanvas::mouseMoveEvent(QMouseEvent* e) {
  const int spot = spotAt(e->position());
  if (spot == m_hover) return;
  m_hover = spot;
  setCursor(spot >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  update();
}

void OverviewCanvas::leaveEvent(QEvent*) {
  m_hover = -1;
  update();
}

void OverviewCanvas::mouseReleaseEvent(QMouseEvent* e) {
  const int spot = spotAt(e->position());
  if (spot >= 0) Q_EMIT chosen(m_spots[static_cast<size_t>(spot)].item, m_spots[static_cast<size_t>(spot)].page);
}

void OverviewCanvas::keyPressEvent(QKeyEvent* e) {
  const int count = static_cast<int>(m_spots.size());
  if (count > 0 && (e->key() == Qt::Key_Down || e->key() == Qt::Key_Up)) {
    m_focus = (m_focus + (e->key() == Qt::Key_Down ? 1 : count - 1)) % count;
    if (m_focus < 0) m_focus = 0;
    setAccessibleDescription(m_spots[static_cast<size_t>(m_focus)].tip);
    update();
  } else if (m_focus >= 0 && m_focus < count && (e->key() == Qt::Key_Return || e->key() == Qt::Key_Space)) {
    Q_EMIT chosen(m_spots[static_cast<size_t>(m_focus)].item, m_spots[static_cast<size_t>(m_focus)].page);
  } else {
    QWidget::keyPressEvent(e);
  }
}

bool OverviewCanvas::event(QEvent* e) {
  if (e->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(e);
    const int spot = spotAt(help->pos());
    spot >= 0 ? QToolTip::showText(help->globalPos(), m_spots[static_cast<size_t>(spot)].tip, this)
              : QToolTip::hideText();
    return true;
  }
  return QWidget::event(e);
}

OverviewView::OverviewView(Selection* selection, QWidget* parent)
    : View(selection, parent), m_canvas(new OverviewCanvas) {
  auto* area = new QScrollArea;
  area->setWidget(m_canvas);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setFocusPolicy(Qt::NoFocus);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(area);
  setFocusProxy(m_canvas);
  connect(m_canvas, &OverviewCanvas::chosen, this, [this](const Item& item, const QString& page) {
    if (item) this->selection()->select(item);
    Q_EMIT jump(page);
  });
}

void OverviewView::documentChanged() { m_canvas->setDocument(document()); }
void OverviewView::showItem(const Item& item) { m_canvas->setItem(item); }

}  // namespace ridgeline::gui
