#include "gui/views/roofline_view.h"

#include "gui/models/text.h"
#include "gui/views/paint.h"

#include <QHBoxLayout>
#include <QMouseEvent>
#include <QPushButton>
#include <QTransform>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace ridgeline::gui {

RooflinePlot::RooflinePlot(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(QStringLiteral("Roofline plot"));
  setMinimumSize(480, 320);
}

void RooflinePlot::setPlot(Roofline plot) {
  m_plot = std::move(plot);
  m_longest = m_plot.points.empty() ? 0 : m_plot.points.front().ms;
  setAccessibleDescription(
      QStringLiteral("%1 operators under %2 roofs; the arrow keys go from one to the next, most time first")
          .arg(m_plot.points.size())
          .arg(m_plot.lines.size()));
  fit();
}

void RooflinePlot::setItem(const Item& item) {
  m_item = item;
  if (const auto* point = pointOf(item)) setAccessibleDescription(point->name + QStringLiteral(", ") + point->detail);
  update();
}

void RooflinePlot::fit() {
  m_x0 = m_plot.xMin, m_x1 = m_plot.xMax, m_y0 = m_plot.yMin, m_y1 = m_plot.yMax;
  update();
}

QRectF RooflinePlot::area() const {
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  return QRectF(rect()).adjusted(u * 4.6, u * 3.4, -u * 1.2, -u * 3.2);
}

QPointF RooflinePlot::at(double x, double y) const {
  const auto a = area();
  return {a.left() + (x - m_x0) / (m_x1 - m_x0) * a.width(), a.bottom() - (y - m_y0) / (m_y1 - m_y0) * a.height()};
}

double RooflinePlot::radius(const RooflinePoint& point) const {
  const double largest = std::min(area().width(), area().height()) * 0.045;
  return m_longest > 0 ? std::max(3.5, largest * std::sqrt(point.ms / m_longest)) : 3.5;  // area by time
}

void RooflinePlot::zoom(double factor, const QPointF& around) {
  const auto a = area();
  const double x = m_x0 + (around.x() - a.left()) / a.width() * (m_x1 - m_x0);
  const double y = m_y0 + (a.bottom() - around.y()) / a.height() * (m_y1 - m_y0);
  const double f = std::clamp(factor, 0.05, 20.0);
  if ((m_x1 - m_x0) * f > 30 || (m_x1 - m_x0) * f < 0.02) return;
  m_x0 = x - (x - m_x0) * f, m_x1 = x + (m_x1 - x) * f;
  m_y0 = y - (y - m_y0) * f, m_y1 = y + (m_y1 - y) * f;
  update();
}

const RooflinePoint* RooflinePlot::pointOf(const Item& item) const {
  const auto it =
      std::find_if(m_plot.points.begin(), m_plot.points.end(), [&](const auto& p) { return item && p.item == item; });
  return it == m_plot.points.end() ? nullptr : &*it;
}

Item RooflinePlot::itemAt(const QPointF& pos) const {
  for (auto it = m_plot.points.rbegin(); it != m_plot.points.rend(); ++it) {  // what is on top first
    const auto d = at(it->x, it->y) - pos;
    if (std::hypot(d.x(), d.y()) <= radius(*it) + 2) return it->item;
  }
  return {};
}

void RooflinePlot::paintEvent(QPaintEvent*) {
  QPainter p(this);
  const auto& theme = Theme::of(*this);
  p.fillRect(rect(), theme.window);
  drawCard(p, QRectF(rect()).adjusted(0, 0, 0, 0), theme);
  if (m_plot.points.empty() && m_plot.lines.empty()) {
    drawEmpty(p, rect(), *this, QStringLiteral("No roofline"),
              QStringLiteral("A roofline needs a device's measured roofs and operators whose work is known. Recording "
                             "a model gives both."));
    return;
  }
  p.setRenderHint(QPainter::Antialiasing);
  drawAxes(p);
  p.save();
  p.setClipRect(area());
  drawRoofs(p);
  drawPoints(p);
  drawRoofLabels(p);
  drawArrows(p);
  p.restore();
  drawLegend(p);
  drawFacts(p);
}

void RooflinePlot::drawAxes(QPainter& p) {
  const auto& theme = Theme::of(*this);
  const auto a = area();
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  const auto small = scaledFont(*this, 0.9);
  const auto ticks = [&](double low, double high, bool horizontal) {
    const double pixels = (horizontal ? a.width() : a.height()) / (high - low);
    const int every = std::max(1, static_cast<int>(std::ceil(u * (horizontal ? 4 : 2) / pixels)));
    for (int e = static_cast<int>(std::ceil(low)); e <= high; ++e) {
      const auto here = horizontal ? at(e, m_y0) : at(m_x0, e);
      p.setPen(QPen(theme.grid, 1));
      horizontal ? p.drawLine(QPointF(here.x(), a.top()), QPointF(here.x(), a.bottom()))
                 : p.drawLine(QPointF(a.left(), here.y()), QPointF(a.right(), here.y()));
      if ((e % every + every) % every != 0) continue;
      const double value = std::pow(10.0, e);
      if (horizontal) {
        drawText(p, {here.x() - u * 2, a.bottom() + u * 0.2, u * 4, u * 1.2}, numberText(value), small, theme.muted,
                 Qt::AlignHCenter);
      } else {
        drawText(p, {a.left() - u * 4.5, here.y() - u * 0.6, u * 4.2, u * 1.2}, countText(value), small, theme.muted,
                 Qt::AlignRight | Qt::AlignVCenter);
      }
    }
  };
  ticks(m_x0, m_x1, true);
  ticks(m_y0, m_y1, false);
  drawText(p, {a.left(), a.bottom() + u * 1.5, a.width(), u * 1.3}, QStringLiteral("operations per byte"), small,
           theme.muted, Qt::AlignHCenter);
  p.save();
  p.translate(u * 1.0, a.center().y());
  p.rotate(-90);
  drawText(p, {-u * 8, -u * 0.6, u * 16, u * 1.2}, QStringLiteral("operations a second"), small, theme.muted,
           Qt::AlignHCenter);
  p.restore();
}

RooflinePlot::Stretch RooflinePlot::stretchOf(const RoofLine& line) const {
  double compute = 0, bandwidth = 0;
  for (const auto& other : m_plot.lines) {
    auto& most = other.compute ? compute : bandwidth;
    most = std::max(most, other.value);
  }
  const double level = std::log10(line.value);
  if (line.compute) {
    const double from = bandwidth > 0 ? std::max(m_x0, level - std::log10(bandwidth)) : m_x0;
    return {at(from, level), at(m_x1, level)};
  }
  const double to = compute > 0 ? std::min(m_x1, std::log10(compute) - level) : m_x1;
  return {at(m_x0, m_x0 + level), at(to, to + level)};
}

void RooflinePlot::drawRoofs(QPainter& p) {
  const auto& theme = Theme::of(*this);
  for (const auto& line : m_plot.lines) {
    const auto color = theme.bound(line.compute ? profile::Bound::Compute : profile::Bound::Memory);
    p.setPen(QPen(mixed(color, theme.card, line.secondary ? 0.45 : 0.15), line.secondary ? 1.1 : 1.8,
                  line.secondary ? Qt::DashLine : Qt::SolidLine));
    const auto stretch = stretchOf(line);
    p.drawLine(stretch.from, stretch.to);
  }
}

// Along its line, each label takes the first place that no other has: horizontal ones from the right, sloped ones from
// the left.
void RooflinePlot::drawRoofLabels(QPainter& p) {
  const auto& theme = Theme::of(*this);
  const auto a = area();
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  const auto small = scaledFont(*this, 0.9, QFont::Medium);
  std::vector<QPolygonF> taken;
  const auto free = [&](const QPolygonF& box) {
    const bool inside = a.contains(box.boundingRect());
    return inside && std::none_of(taken.begin(), taken.end(), [&](const auto& t) { return t.intersects(box); });
  };
  for (const auto& line : m_plot.lines) {
    const auto color = theme.bound(line.compute ? profile::Bound::Compute : profile::Bound::Memory);
    const auto [from, to] = stretchOf(line);
    const double width = textWidth(small, line.label) + u * 0.5;
    const double length = std::hypot(to.x() - from.x(), to.y() - from.y());
    const double angle = std::atan2(to.y() - from.y(), to.x() - from.x());
    for (double along = u * 0.5; along + width < length; along += u * 0.7) {
      const double place = line.compute ? length - along - width : along;
      const QPointF start = from + (to - from) * (place / length);
      const QRectF flat(start.x(), start.y() - u * 1.2, width, u * 1.15);
      QTransform turn;
      turn.translate(start.x(), start.y());
      turn.rotateRadians(angle);
      turn.translate(-start.x(), -start.y());
      const QPolygonF box = turn.map(QPolygonF(flat));
      if (!free(box)) continue;
      p.save();
      p.setTransform(turn, true);
      QColor veil = theme.card;
      veil.setAlpha(200);
      p.fillRect(flat.adjusted(0, 1, 0, 0), veil);
      drawText(p, flat.adjusted(u * 0.2, 0, 0, 0), line.label, small, color);
      p.restore();
      taken.push_back(box);
      break;
    }
  }
}

void RooflinePlot::drawPoints(QPainter& p) {
  const auto& theme = Theme::of(*this);
  for (const auto& point : m_plot.points) {
    const auto center = at(point.x, point.y);
    const double r = radius(point);
    QColor fill = theme.bound(point.bound);
    const QColor edge = fill;
    fill.setAlpha(point.modelled ? 70 : 200);
    p.setBrush(fill);
    p.setPen(QPen(edge, 1.3, point.modelled ? Qt::SolidLine : Qt::NoPen));
    p.drawEllipse(center, r, r);
  }
  for (const auto& item : {m_hover, m_item}) {
    if (const auto* point = pointOf(item)) {
      p.setBrush(theme.bound(point->bound));
      p.setPen(QPen(theme.text, 2));
      p.drawEllipse(at(point->x, point->y), radius(*point) + 1, radius(*point) + 1);
    }
  }
}

void RooflinePlot::drawArrows(QPainter& p) {
  const auto& theme = Theme::of(*this);
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  for (const auto& arrow : m_plot.arrows) {
    const auto from = at(arrow.x0, arrow.y0), to = at(arrow.x1, arrow.y1);
    const auto color = arrow.faster ? theme.good : theme.bad;
    const double angle = std::atan2(to.y() - from.y(), to.x() - from.x());
    p.setPen(QPen(color, 2));
    p.drawLine(from, to);
    p.setBrush(color);
    const QPointF left = to - QPointF(std::cos(angle - 0.42), std::sin(angle - 0.42)) * u * 0.6;
    const QPointF right = to - QPointF(std::cos(angle + 0.42), std::sin(angle + 0.42)) * u * 0.6;
    p.drawPolygon(QPolygonF({to, left, right}));
    if (m_plot.arrows.size() > 6) continue;
    const auto font = scaledFont(*this, 0.92, QFont::DemiBold);
    const double width = textWidth(font, arrow.name);
    const double x = to.x() + u * 0.7 + width < area().right() ? to.x() + u * 0.7 : to.x() - u * 0.7 - width;
    // At the head: the operators crowd around the tail.
    const QRectF label(x, to.y(), width + 1, u * 1.3);
    QColor plate = theme.card;
    plate.setAlpha(215);
    p.setPen(Qt::NoPen);
    p.setBrush(plate);
    p.drawRoundedRect(label.adjusted(-u * 0.3, 0, u * 0.3, 0), 4, 4);
    drawText(p, label, arrow.name, font, color);
  }
}

void RooflinePlot::drawLegend(QPainter& p) {
  const auto& theme = Theme::of(*this);
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  const auto font = scaledFont(*this, 0.95);
  const double top = u * 0.9;
  double x = area().left();
  const auto entry = [&](const QString& text, const QColor& color, bool hollow) {
    QColor fill = color;
    fill.setAlpha(hollow ? 70 : 230);
    p.setPen(QPen(color, 1.3));
    p.setBrush(fill);
    p.drawEllipse(QPointF(x + u * 0.4, top + u * 0.65), u * 0.32, u * 0.32);
    x += u * 1.0 + drawText(p, {x + u, top, u * 14, u * 1.3}, text, font, theme.muted) + u * 1.1;
  };
  std::vector<profile::Bound> bounds;
  bool modelled = false, measured = false;
  for (const auto& point : m_plot.points) {
    if (std::find(bounds.begin(), bounds.end(), point.bound) == bounds.end()) bounds.push_back(point.bound);
    (point.modelled ? modelled : measured) = true;
  }
  for (const auto bound : bounds) entry(qs(nameOf(bound)), theme.bound(bound), false);
  if (modelled) entry(QStringLiteral("pale: work modelled from shapes"), theme.muted, true);
  if (measured) entry(QStringLiteral("solid: counted"), theme.muted, false);
  QString note = QStringLiteral("area: time");
  if (m_plot.lines.empty()) note += QStringLiteral(", no roofs are known of this device");
  if (!m_plot.roofsAre.isEmpty()) note += QStringLiteral(", roofs ") + m_plot.roofsAre;
  if (m_plot.unplaced > 0) note += QStringLiteral(", %1 without known work not shown").arg(m_plot.unplaced);
  drawText(p, {x, top, std::max(0.0, area().right() - x), u * 1.3}, note, font, theme.faint);
}

// Beside the point that the mouse is on. What is selected stands in the panel.
void RooflinePlot::drawFacts(QPainter& p) {
  const auto* point = pointOf(m_hover);
  if (point == nullptr) return;
  const auto& theme = Theme::of(*this);
  const double u = QFontMetricsF(scaledFont(*this, 1)).height();
  const auto lines = point->detail.split(QLatin1Char('\n'));
  const auto bold = scaledFont(*this, 1, QFont::DemiBold), font = scaledFont(*this, 0.94);
  double width = std::min(textWidth(bold, point->name), u * 26);
  for (const auto& line : lines) width = std::max(width, std::min(textWidth(font, line), u * 26));
  const auto center = at(point->x, point->y);
  QRectF box(center.x() + radius(*point) + u * 0.6, center.y() - u, width + u * 1.4,
             u * (1.9 + 1.25 * static_cast<double>(lines.size())));
  if (box.right() > area().right()) box.moveRight(center.x() - radius(*point) - u * 0.6);
  if (box.bottom() > area().bottom()) box.moveBottom(area().bottom());
  if (box.top() < area().top()) box.moveTop(area().top());
  if (box.left() < area().left()) box.moveLeft(area().left());
  p.setPen(QPen(theme.border, 1));
  p.setBrush(theme.raised);
  p.drawRoundedRect(box, 6, 6);
  double y = box.top() + u * 0.4;
  drawText(p, {box.left() + u * 0.7, y, width, u * 1.25}, point->name, bold, theme.text, Qt::AlignLeft,
           Qt::ElideMiddle);
  for (const auto& line : lines) {
    y += u * 1.25;
    drawText(p, {box.left() + u * 0.7, y, width, u * 1.25}, line, font, theme.muted);
  }
}

void RooflinePlot::wheelEvent(QWheelEvent* e) {
  zoom(std::pow(0.9985, e->angleDelta().y()), e->position());
  e->accept();
}

void RooflinePlot::mousePressEvent(QMouseEvent* e) {
  m_pressed = m_last = e->position();
  m_dragging = false;
}

void RooflinePlot::mouseMoveEvent(QMouseEvent* e) {
  if ((e->buttons() & Qt::LeftButton) != 0) {
    if ((e->position() - m_pressed).manhattanLength() > 4) m_dragging = true;
    if (!m_dragging) return;
    const auto d = e->position() - m_last;
    const double dx = d.x() / area().width() * (m_x1 - m_x0), dy = d.y() / area().height() * (m_y1 - m_y0);
    m_x0 -= dx, m_x1 -= dx, m_y0 += dy, m_y1 += dy;
    m_last = e->position();
    update();
    return;
  }
  const auto hover = itemAt(e->position());
  if (hover == m_hover) return;
  m_hover = hover;
  update();
}

void RooflinePlot::mouseReleaseEvent(QMouseEvent* e) {
  if (!m_dragging && e->button() == Qt::LeftButton) Q_EMIT picked(itemAt(e->position()));
  m_dragging = false;
}

void RooflinePlot::mouseDoubleClickEvent(QMouseEvent* e) {
  if (const auto item = itemAt(e->position())) {
    Q_EMIT opened(item);
  } else {
    fit();
  }
}

void RooflinePlot::step(int by) {
  if (m_plot.points.empty()) return;
  const auto count = static_cast<int>(m_plot.points.size());
  const auto* current = pointOf(m_item);
  const int index = current == nullptr ? (by > 0 ? 0 : count - 1)
                                       : (static_cast<int>(current - m_plot.points.data()) + by + count) % count;
  Q_EMIT picked(m_plot.points[static_cast<size_t>(index)].item);
}

void RooflinePlot::keyPressEvent(QKeyEvent* e) {
  switch (e->key()) {
    case Qt::Key_Right:
    case Qt::Key_Down:
      return step(1);
    case Qt::Key_Left:
    case Qt::Key_Up:
      return step(-1);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(0.8, area().center());
    case Qt::Key_Minus:
      return zoom(1.25, area().center());
    case Qt::Key_0:
    case Qt::Key_Home:
      return fit();
    case Qt::Key_Return:
      if (m_item) Q_EMIT opened(m_item);
      return;
    default:
      QWidget::keyPressEvent(e);
  }
}

bool RooflinePlot::event(QEvent* e) {
  if (e->type() == QEvent::Leave) {
    m_hover = {};
    update();
  }
  return QWidget::event(e);
}

RooflineView::RooflineView(Selection* selection, QWidget* parent) : View(selection, parent), m_plot(new RooflinePlot) {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->addWidget(m_plot);
  setFocusProxy(m_plot);
  connect(m_plot, &RooflinePlot::picked, this, [this](const Item& item) { this->selection()->select(item); });
  connect(m_plot, &RooflinePlot::opened, this, [this](const Item& item) {
    this->selection()->select(item);
    Q_EMIT jump(item.kind == ItemKind::Kernel ? QStringLiteral("kernels") : QStringLiteral("operators"));
  });
}

void RooflineView::setAfter(DocumentPtr after) {
  m_after = std::move(after);
  documentChanged();
}

void RooflineView::documentChanged() {
  m_plot->setPlot(document() ? rooflineOf(*document(), m_after.get()) : Roofline{});
}

}  // namespace ridgeline::gui
