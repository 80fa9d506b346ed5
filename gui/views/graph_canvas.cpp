#include "gui/models/text.h"
#include "gui/views/graph_view.h"
#include "gui/views/paint.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <limits>

namespace ridgeline::gui {

GraphCanvas::GraphCanvas(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(QStringLiteral("Graph of the network"));
  setMinimumSize(300, 200);
}

void GraphCanvas::setNetwork(std::shared_ptr<const Network> network) {
  m_network = std::move(network);
  m_matches.clear();
  m_current = -1;
  m_placed = false;
  if (m_network)
    setAccessibleDescription(QStringLiteral("%1 boxes, %2 edges, %3 fused groups")
                                 .arg(m_network->boxes.size())
                                 .arg(m_network->edges.size())
                                 .arg(m_network->groups.size()));
  readable();
  setItem(m_item, true);
}

void GraphCanvas::setMessage(const QString& title, const QString& text) {
  m_title = title, m_text = text;
  update();
}

void GraphCanvas::setColour(Colour colour) {
  m_colour = colour;
  update();
}

void GraphCanvas::setMatches(const std::set<size_t>& boxes) {
  m_matches = boxes;
  update();
}

void GraphCanvas::setItem(const Item& item, bool center) {
  m_item = item;
  if (m_network && item) {
    int found = -1;
    for (size_t i = 0; i < m_network->boxes.size(); ++i) {
      const auto& box = m_network->boxes[i];
      if (box.item == item && (found < 0 || box.block == 0)) found = static_cast<int>(i);
      if (box.item == item && box.block == 0) break;
    }
    if (found >= 0) {
      m_current = found;
      if (center) centerOn(static_cast<size_t>(found));
    }
  }
  update();
}

QRectF GraphCanvas::onScreen(const QRectF& rect) const {
  return {rect.left() * m_scale + m_offset.x(), rect.top() * m_scale + m_offset.y(), rect.width() * m_scale,
          rect.height() * m_scale};
}

void GraphCanvas::fit() {
  if (!m_network || m_network->bounds.isEmpty()) return;
  const auto& b = m_network->bounds;
  m_scale = std::clamp(std::min((width() - 40) / b.width(), (height() - 40) / b.height()), 0.005, 1.6);
  m_offset = QPointF(width() / 2.0, height() / 2.0) - b.center() * m_scale;
  update();
}

// All of it when it can be read so, else the top at a size that can.
void GraphCanvas::readable() {
  fit();
  if (!m_network || m_network->bounds.isEmpty() || m_scale >= 0.8) return;
  const double wanted = std::clamp((width() - 60) / m_network->bounds.width(), 0.9, 1.15);
  m_scale = wanted;
  m_offset = QPointF(width() / 2.0 - m_network->bounds.center().x() * wanted, 24 - m_network->bounds.top() * wanted);
}

void GraphCanvas::centerOn(size_t box) {
  m_scale = std::max(m_scale, 0.9);
  m_offset = QPointF(width() / 2.0, height() / 2.0) - m_network->boxes[box].rect.center() * m_scale;
  update();
}

void GraphCanvas::zoom(double factor, const QPointF& around) {
  const double scale = std::clamp(m_scale * factor, 0.005, 4.0);
  m_offset = around - (around - m_offset) * (scale / m_scale);
  m_scale = scale;
  update();
}

QColor GraphCanvas::fillOf(const NetworkBox& box) const {
  const auto& theme = Theme::of(*this);
  if (!box.runs) return theme.raised;
  if (m_colour == Colour::Time) {
    const double share = m_network->mostMs > 0 ? box.ms / m_network->mostMs : 0;
    return mixed(theme.card, theme.bad, 0.06 + 0.8 * share);
  }
  return mixed(theme.bound(box.bound), theme.card, theme.dark ? 0.66 : 0.78);
}

void GraphCanvas::drawBox(QPainter& p, const NetworkBox& box, bool match) {
  const auto& theme = Theme::of(*this);
  const auto rect = onScreen(box.rect);
  const bool selected = m_item && box.item == m_item;
  const auto edge = box.runs && m_colour == Colour::Bound ? theme.bound(box.bound) : theme.faint;
  if (m_scale < 0.18) {
    p.fillRect(rect, box.runs && m_colour == Colour::Bound ? theme.bound(box.bound) : fillOf(box));
    if (selected || match)
      p.setPen(QPen(selected ? theme.text : theme.accent, 2)), p.setBrush(Qt::NoBrush),
          p.drawRect(rect.adjusted(-2, -2, 2, 2));
    return;
  }
  const double radius = 5 * std::min(1.0, m_scale);
  if (box.block != 0) {  // a pile of sheets
    p.setPen(QPen(mixed(edge, theme.card, 0.4), 1));
    p.setBrush(fillOf(box));
    p.drawRoundedRect(rect.translated(4 * m_scale, 4 * m_scale), radius, radius);
    p.drawRoundedRect(rect.translated(2 * m_scale, 2 * m_scale), radius, radius);
  }
  p.setPen(QPen(selected ? theme.text
                : match  ? theme.accent
                         : mixed(edge, theme.card, 0.25),
                selected || match ? 2.4 : 1));
  p.setBrush(fillOf(box));
  p.drawRoundedRect(rect, radius, radius);
  if (m_scale < 0.38) return;
  const double size = std::clamp(m_scale, 0.55, 1.25);
  const QRectF inner = rect.adjusted(8 * size, 3 * size, -6 * size, -3 * size);
  drawText(p, {inner.left(), inner.top(), inner.width(), inner.height() / 2}, box.title,
           scaledFont(*this, 0.98 * size, QFont::DemiBold), box.runs ? theme.text : theme.muted);
  drawText(p, {inner.left(), inner.center().y(), inner.width(), inner.height() / 2}, box.subtitle,
           scaledFont(*this, 0.88 * size), theme.muted);
}

void GraphCanvas::paintEvent(QPaintEvent*) {
  QPainter p(this);
  const auto& theme = Theme::of(*this);
  drawCard(p, rect(), theme);
  if (!m_network || m_network->boxes.empty() || !m_network->trouble.isEmpty()) {
    const QString trouble = m_network ? m_network->trouble : QString();
    drawEmpty(p, rect(), *this, m_title, trouble.isEmpty() ? m_text : trouble);
    return;
  }
  p.setClipRect(rect().adjusted(1, 1, -1, -1));
  p.setRenderHint(QPainter::Antialiasing);
  const QRectF seen(rect());
  for (const auto& group : m_network->groups) {
    const auto box = onScreen(group.rect);
    if (!box.intersects(seen)) continue;
    p.setPen(QPen(theme.muted, 1.1, Qt::DashLine));
    p.setBrush(mixed(theme.card, theme.raised, 0.7));
    p.drawRoundedRect(box, 7, 7);
  }
  p.setBrush(Qt::NoBrush);
  p.setPen(QPen(mixed(theme.faint, theme.card, 0.2), std::clamp(m_scale * 1.3, 0.5, 1.6)));
  for (const auto& edge : m_network->edges) {
    if (edge.path.size() < 2) continue;
    const auto at = [&](const QPointF& point) { return point * m_scale + m_offset; };
    const QRectF ends = QRectF(at(edge.path.front()), at(edge.path.back())).normalized().adjusted(-60, -60, 60, 60);
    if (!ends.intersects(seen)) continue;
    QPainterPath path(at(edge.path[0]));
    for (size_t i = 1; i + 2 < edge.path.size(); i += 3)
      path.cubicTo(at(edge.path[i]), at(edge.path[i + 1]), at(edge.path[i + 2]));
    p.drawPath(path);
  }
  for (size_t i = 0; i < m_network->boxes.size(); ++i) {
    if (onScreen(m_network->boxes[i].rect).intersects(seen)) drawBox(p, m_network->boxes[i], m_matches.count(i) > 0);
  }
  drawMap(p);
}

QRectF GraphCanvas::mapRect() const {
  if (!m_network || m_network->bounds.isEmpty()) return {};
  const auto& b = m_network->bounds;
  const double most = height() - 24.0;
  const double scale = std::min(110.0 / b.width(), most / b.height());
  const double w = std::max(16.0, b.width() * scale), h = b.height() * scale;
  return {width() - w - 14, 12, w, h};
}

// The whole graph in small, when not all of it is on the screen.
void GraphCanvas::drawMap(QPainter& p) {
  const auto& theme = Theme::of(*this);
  const auto whole = onScreen(m_network->bounds);
  if (QRectF(rect()).adjusted(-2, -2, 2, 2).contains(whole)) return;
  const auto map = mapRect();
  const auto& b = m_network->bounds;
  const double sx = map.width() / b.width(), sy = map.height() / b.height();
  p.setRenderHint(QPainter::Antialiasing, false);
  p.setPen(QPen(theme.border, 1));
  p.setBrush(theme.window);
  p.drawRect(map.adjusted(-4, -4, 4, 4));
  for (const auto& box : m_network->boxes) {
    const QRectF r(map.left() + (box.rect.left() - b.left()) * sx, map.top() + (box.rect.top() - b.top()) * sy,
                   std::max(1.5, box.rect.width() * sx), std::max(1.0, box.rect.height() * sy));
    p.fillRect(r, m_colour == Colour::Bound && box.runs ? theme.bound(box.bound)
                  : m_colour == Colour::Time            ? fillOf(box)
                                                        : theme.faint);
  }
  const QRectF seen((-m_offset.x() / m_scale - b.left()) * sx + map.left(),
                    (-m_offset.y() / m_scale - b.top()) * sy + map.top(), width() / m_scale * sx,
                    height() / m_scale * sy);
  p.setPen(QPen(theme.accent, 1.5));
  p.setBrush(Qt::NoBrush);
  p.drawRect(seen & map.adjusted(-3, -3, 3, 3));
}

int GraphCanvas::boxAt(const QPointF& at) const {
  for (size_t i = 0; m_network && i < m_network->boxes.size(); ++i) {
    if (onScreen(m_network->boxes[i].rect).contains(at)) return static_cast<int>(i);
  }
  return -1;
}

void GraphCanvas::wheelEvent(QWheelEvent* e) {
  if ((e->modifiers() & (Qt::ShiftModifier | Qt::AltModifier)) != 0) {
    m_offset += QPointF(e->angleDelta()) * 0.6;
    update();
  } else {
    zoom(std::pow(1.0015, e->angleDelta().y()), e->position());
  }
  e->accept();
}

void GraphCanvas::mousePressEvent(QMouseEvent* e) {
  m_pressed = m_last = e->position();
  m_moved = false;
  m_onMap = m_network && !QRectF(rect()).contains(onScreen(m_network->bounds)) &&
            mapRect().adjusted(-4, -4, 4, 4).contains(e->position());
  if (m_onMap) mouseMoveEvent(e);
}

void GraphCanvas::mouseMoveEvent(QMouseEvent* e) {
  if ((e->buttons() & Qt::LeftButton) == 0 || !m_network) return;
  if (m_onMap) {
    const auto map = mapRect();
    const auto& b = m_network->bounds;
    const QPointF at(b.left() + (e->position().x() - map.left()) / map.width() * b.width(),
                     b.top() + (e->position().y() - map.top()) / map.height() * b.height());
    m_offset = QPointF(width() / 2.0, height() / 2.0) - at * m_scale;
    m_placed = true;
    update();
    return;
  }
  if ((e->position() - m_pressed).manhattanLength() > 4) m_moved = true;
  if (!m_moved) return;
  m_offset += e->position() - m_last;
  m_last = e->position();
  m_placed = true;
  update();
}

void GraphCanvas::mouseReleaseEvent(QMouseEvent* e) {
  if (m_moved || m_onMap) return;
  m_current = boxAt(e->position());
  m_item = m_current < 0 ? Item{} : m_network->boxes[static_cast<size_t>(m_current)].item;
  Q_EMIT picked(m_item);
  update();
}

void GraphCanvas::mouseDoubleClickEvent(QMouseEvent* e) {
  if (const int box = boxAt(e->position()); box >= 0) Q_EMIT opened(box);
}

// To the nearest box in that direction.
void GraphCanvas::step(int dx, int dy) {
  if (!m_network || m_network->boxes.empty()) return;
  int best = m_current < 0 ? 0 : -1;
  double bestCost = std::numeric_limits<double>::max();
  for (size_t i = 0; m_current >= 0 && i < m_network->boxes.size(); ++i) {
    const auto d = m_network->boxes[i].rect.center() - m_network->boxes[static_cast<size_t>(m_current)].rect.center();
    const double along = d.x() * dx + d.y() * dy, across = std::fabs(d.x() * dy) + std::fabs(d.y() * dx);
    if (along < 4) continue;
    const double cost = along + 2.5 * across;
    if (cost < bestCost) bestCost = cost, best = static_cast<int>(i);
  }
  if (best < 0) return;
  m_current = best;
  m_item = m_network->boxes[static_cast<size_t>(best)].item;
  centerOn(static_cast<size_t>(best));
  setAccessibleDescription(m_network->boxes[static_cast<size_t>(best)].title + QStringLiteral(", ") +
                           m_network->boxes[static_cast<size_t>(best)].subtitle);
  Q_EMIT picked(m_item);
}

void GraphCanvas::keyPressEvent(QKeyEvent* e) {
  const QPointF middle(width() / 2.0, height() / 2.0);
  switch (e->key()) {
    case Qt::Key_Left:
      return step(-1, 0);
    case Qt::Key_Right:
      return step(1, 0);
    case Qt::Key_Up:
      return step(0, -1);
    case Qt::Key_Down:
      return step(0, 1);
    case Qt::Key_W:
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(1.25, middle);
    case Qt::Key_S:
    case Qt::Key_Minus:
      return zoom(0.8, middle);
    case Qt::Key_F:
      if (m_current >= 0) centerOn(static_cast<size_t>(m_current));
      return;
    case Qt::Key_0:
    case Qt::Key_Home:
      return fit();
    case Qt::Key_Return:
      if (m_current >= 0) Q_EMIT opened(m_current);
      return;
    default:
      QWidget::keyPressEvent(e);
  }
}

void GraphCanvas::resizeEvent(QResizeEvent*) {
  if (m_placed) return;
  readable();
  if (m_current >= 0) centerOn(static_cast<size_t>(m_current));
}

bool GraphCanvas::event(QEvent* e) {
  if (e->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(e);
    const int box = boxAt(help->pos());
    box >= 0 ? QToolTip::showText(help->globalPos(),
                                  m_network->boxes[static_cast<size_t>(box)].title + QLatin1Char('\n') +
                                      m_network->boxes[static_cast<size_t>(box)].subtitle,
                                  this)
             : QToolTip::hideText();
    return true;
  }
  return QWidget::event(e);
}

}  // namespace ridgeline::gui
