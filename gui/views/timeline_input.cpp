// What the timeline does with the mouse and the keys, and what it marks.
#include "gui/models/text.h"
#include "gui/views/paint.h"
#include "gui/views/timeline_canvas.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace ridgeline::gui {

std::optional<QPointF> TimelineCanvas::placeOf(int64_t track, int64_t slice, int64_t ns) const {
  const auto area = trackArea();
  for (const auto& row : m_rows) {
    if (m_source.tracks()[row.track].id != track) continue;
    int lane = 0;
    if (const auto* window = m_source.window(track, static_cast<int64_t>(m_from), static_cast<int64_t>(m_to) + 1)) {
      for (const auto& spans : window->lanes) {
        const auto it =
            std::lower_bound(spans.begin(), spans.end(), ns, [](const Span& s, int64_t at) { return s.startNs < at; });
        if (it != spans.end() && it->slice == slice) lane = it->lane;
      }
    }
    return QPointF(xOf(static_cast<double>(ns)), area.top() + row.top - m_scroll + (lane + 0.5) * (laneHeight() + 1));
  }
  return std::nullopt;
}

void TimelineCanvas::drawFlows(QPainter& p) {
  const auto& theme = Theme::of(*this);
  const auto area = trackArea();
  p.save();
  p.setClipRect(area, Qt::IntersectClip);
  p.setRenderHint(QPainter::Antialiasing);
  for (const auto& flow : m_flows) {
    const auto from = placeOf(flow.fromTrack, flow.fromSlice, flow.fromNs),
               to = placeOf(flow.toTrack, flow.toSlice, flow.toNs);
    if (!from || !to) continue;
    QPainterPath path(*from);
    const double bend = std::max(20.0, std::fabs(to->x() - from->x()) / 2);
    path.cubicTo(*from + QPointF(bend, 0), *to - QPointF(bend, 0), *to);
    p.setPen(QPen(theme.text, 1.6));
    p.setBrush(Qt::NoBrush);
    p.drawPath(path);
    p.setBrush(theme.text);
    p.drawPolygon(QPolygonF({*to, *to + QPointF(-7, -4), *to + QPointF(-7, 4)}));
  }
  p.restore();
}

// The selected slice, whatever is called as searched for, and the chosen stretch.
void TimelineCanvas::drawMarks(QPainter& p) {
  const auto& theme = Theme::of(*this);
  const auto area = trackArea();
  p.save();
  p.setClipRect(area);
  const auto from = static_cast<int64_t>(m_from), to = static_cast<int64_t>(m_to) + 1;
  const bool marks = !m_matches.empty() || m_operator != 0;
  for (const auto& row : m_rows) {
    const double top = area.top() + row.top - m_scroll;
    if (top + row.height < area.top() || top > height()) continue;
    const auto id = m_source.tracks()[row.track].id;
    const auto* window = marks || m_chosenTrack == id ? m_source.window(id, from, to) : nullptr;
    if (window == nullptr) continue;
    for (const auto& spans : window->lanes) {
      auto it =
          std::lower_bound(spans.begin(), spans.end(), from, [](const Span& s, int64_t at) { return s.endNs < at; });
      for (; it != spans.end() && it->startNs < to; ++it) {
        const bool chosen = m_chosen && m_chosenTrack == id && it->slice == m_chosen->slice;
        const bool match = m_matches.count(it->name) > 0 || (m_operator != 0 && it->name == -m_operator);
        if (!chosen && !match) continue;
        const double x0 = xOf(static_cast<double>(it->startNs)),
                     x1 = std::max(x0 + 2, xOf(static_cast<double>(it->endNs)));
        p.setPen(QPen(chosen ? theme.text : theme.accent, chosen ? 2 : 1.5));
        p.setBrush(Qt::NoBrush);
        p.drawRect(QRectF(x0 - 0.5, top + it->lane * (laneHeight() + 1), x1 - x0, laneHeight()));
      }
    }
  }
  if (m_stretch) {
    const double x0 = xOf(std::min(m_stretch->first, m_stretch->second)),
                 x1 = xOf(std::max(m_stretch->first, m_stretch->second));
    QColor fill = theme.accent;
    fill.setAlpha(40);
    p.fillRect(QRectF(x0, area.top(), x1 - x0, area.height()), fill);
    p.setPen(theme.accent);
    p.drawLine(QPointF(x0, area.top()), QPointF(x0, area.bottom()));
    p.drawLine(QPointF(x1, area.top()), QPointF(x1, area.bottom()));
  }
  p.restore();
  if (hasFocus()) {
    p.setPen(QPen(theme.accent, 1));
    p.drawLine(QPointF(0, area.top() - 0.5), QPointF(width(), area.top() - 0.5));
  }
}

TimelineCanvas::Hit TimelineCanvas::hitAt(const QPointF& at) const {
  Hit hit;
  const auto area = trackArea();
  if (!area.contains(at)) return hit;
  for (const auto& row : m_rows) {
    const double y = at.y() - (area.top() + row.top - m_scroll);
    if (y < 0 || y >= row.height) continue;
    hit.track = m_source.tracks()[row.track].id;
    const auto* window = m_source.window(hit.track, static_cast<int64_t>(m_from), static_cast<int64_t>(m_to) + 1);
    const auto lane = static_cast<size_t>(y / (laneHeight() + 1));
    if (window == nullptr || lane >= window->lanes.size()) return hit;
    const auto& spans = window->lanes[lane];
    // Two pixels either way, so that narrow ones can be hit.
    const auto near = static_cast<int64_t>(2 * (m_to - m_from) / area.width());
    const auto ns = static_cast<int64_t>(nsAt(at.x()));
    const auto it =
        std::lower_bound(spans.begin(), spans.end(), ns - near, [](const Span& s, int64_t t) { return s.endNs < t; });
    if (it != spans.end() && it->startNs <= ns + near) hit.span = *it;
    return hit;
  }
  return hit;
}

void TimelineCanvas::choose(const Span& span, int64_t track) {
  m_chosen = span;
  m_chosenTrack = track;
  m_stretch.reset();
  m_flows.clear();
  setAccessibleDescription(QStringLiteral("%1, %2").arg(m_source.nameOf(span.name),
                                                        msText(static_cast<double>(span.endNs - span.startNs) * 1e-6)));
  if (span.count == 1) m_source.askFlows({span.slice});
  m_source.askFacts(span, track);
  update();
}

void TimelineCanvas::fitSelected() {
  if (m_stretch)
    return setWindow(std::min(m_stretch->first, m_stretch->second), std::max(m_stretch->first, m_stretch->second));
  if (!m_chosen) return;
  const double length = std::max(10.0, static_cast<double>(m_chosen->endNs - m_chosen->startNs));
  setWindow(static_cast<double>(m_chosen->startNs) - length * 0.15,
            static_cast<double>(m_chosen->endNs) + length * 0.15);
}

void TimelineCanvas::show(const Found& slice) {
  const double length = std::max(10.0, static_cast<double>(slice.endNs - slice.startNs));
  const double middle = static_cast<double>(slice.startNs) + length / 2;
  const double shown = std::min(m_to - m_from, length * 60);
  setWindow(middle - std::max(shown, length * 1.3) / 2, middle + std::max(shown, length * 1.3) / 2);
  for (const auto& row : m_rows) {
    if (m_source.tracks()[row.track].id != slice.track) continue;
    if (row.top < m_scroll || row.top + row.height > m_scroll + trackArea().height()) scrollBy(row.top - m_scroll - 20);
  }
  Span span;
  span.slice = slice.slice, span.startNs = slice.startNs, span.endNs = slice.endNs;
  m_chosen = span;
  m_chosenTrack = slice.track;
  update();
}

void TimelineCanvas::wheelEvent(QWheelEvent* e) {
  const auto delta = e->angleDelta();
  if ((e->modifiers() & Qt::ShiftModifier) != 0 || std::abs(delta.x()) > std::abs(delta.y())) {
    panBy(-(delta.x() != 0 ? delta.x() : delta.y()) * 0.6);
  } else if ((e->modifiers() & Qt::AltModifier) != 0 || e->position().x() < trackArea().left()) {
    scrollBy(-delta.y() * 0.5);
  } else {
    zoomAt(std::pow(0.9985, delta.y()), e->position().x());
  }
  e->accept();
}

void TimelineCanvas::mousePressEvent(QMouseEvent* e) {
  m_pressed = m_last = e->position();
  m_moved = false;
  if (e->button() != Qt::LeftButton) return;
  m_drag = e->position().y() < trackArea().top() - 26  ? Drag::Overview
           : (e->modifiers() & Qt::ShiftModifier) != 0 ? Drag::Stretch
                                                       : Drag::Pan;
  if (m_drag == Drag::Overview) mouseMoveEvent(e);
}

void TimelineCanvas::mouseMoveEvent(QMouseEvent* e) {
  if ((e->buttons() & Qt::LeftButton) == 0 && m_drag != Drag::Overview) return;
  if ((e->position() - m_pressed).manhattanLength() > 4) m_moved = true;
  const auto area = trackArea();
  if (m_drag == Drag::Overview) {
    const double all = static_cast<double>(m_source.endNs() - m_source.startNs());
    const double middle =
        static_cast<double>(m_source.startNs()) + (e->position().x() - area.left()) / (area.width() - 8) * all;
    const double half = (m_to - m_from) / 2;
    setWindow(middle - half, middle + half);
  } else if (m_drag == Drag::Stretch) {
    m_stretch = {nsAt(m_pressed.x()), nsAt(std::clamp(e->position().x(), area.left(), area.right()))};
    update();
  } else if (m_drag == Drag::Pan && m_moved) {
    panBy(m_last.x() - e->position().x());
    scrollBy(m_last.y() - e->position().y());
  }
  m_last = e->position();
}

void TimelineCanvas::mouseReleaseEvent(QMouseEvent* e) {
  if (m_drag == Drag::Stretch && m_stretch && m_moved) {
    m_chosen.reset();
    m_flows.clear();
    Q_EMIT stretchChosen(static_cast<qlonglong>(std::min(m_stretch->first, m_stretch->second)),
                         static_cast<qlonglong>(std::max(m_stretch->first, m_stretch->second)));
  } else if (m_drag == Drag::Pan && !m_moved) {
    const auto hit = hitAt(e->position());
    if (hit.span) {
      choose(*hit.span, hit.track);
      Q_EMIT picked(*hit.span, hit.track);
    } else {
      m_chosen.reset(), m_stretch.reset();
      m_flows.clear();
      update();
    }
  }
  m_drag = Drag::None;
}

void TimelineCanvas::mouseDoubleClickEvent(QMouseEvent* e) {
  const auto hit = hitAt(e->position());
  if (!hit.span) return;
  choose(*hit.span, hit.track);
  fitSelected();
}

// Along: the slice before or after in its lane. Across: the one that holds it, or lies in it.
void TimelineCanvas::step(int along, int across) {
  const auto* window =
      m_chosen ? m_source.window(m_chosenTrack, static_cast<int64_t>(m_from), static_cast<int64_t>(m_to) + 1) : nullptr;
  if (window == nullptr) {
    for (const auto& track : m_source.tracks()) {
      const auto* first = m_source.window(track.id, static_cast<int64_t>(m_from), static_cast<int64_t>(m_to) + 1);
      if (first == nullptr || first->lanes.empty() || first->lanes[0].empty()) continue;
      choose(first->lanes[0].front(), track.id);
      Q_EMIT picked(*m_chosen, track.id);
      return;
    }
    return;
  }
  const int lane = std::clamp(m_chosen->lane + across, 0, static_cast<int>(window->lanes.size()) - 1);
  const auto& spans = window->lanes[static_cast<size_t>(lane)];
  auto it = std::lower_bound(spans.begin(), spans.end(), m_chosen->startNs,
                             [](const Span& s, int64_t t) { return s.startNs < t; });
  if (across < 0 && it != spans.begin() && (it == spans.end() || it->startNs > m_chosen->startNs)) --it;
  if (along > 0 && it != spans.end()) ++it;
  if (along < 0) {
    if (it == spans.begin()) return;
    --it;
  }
  if (it == spans.end()) return;
  choose(*it, m_chosenTrack);
  Q_EMIT picked(*m_chosen, m_chosenTrack);
  if (static_cast<double>(m_chosen->startNs) < m_from || static_cast<double>(m_chosen->endNs) > m_to) {
    const double middle = static_cast<double>(m_chosen->startNs + m_chosen->endNs) / 2, half = (m_to - m_from) / 2;
    setWindow(middle - half, middle + half);
  }
}

void TimelineCanvas::keyPressEvent(QKeyEvent* e) {
  const double middle = trackArea().center().x();
  switch (e->key()) {
    case Qt::Key_W:
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoomAt(0.75, middle);
    case Qt::Key_S:
    case Qt::Key_Minus:
      return zoomAt(1 / 0.75, middle);
    case Qt::Key_A:
      return panBy(-trackArea().width() * 0.12);
    case Qt::Key_D:
      return panBy(trackArea().width() * 0.12);
    case Qt::Key_Left:
      return step(-1, 0);
    case Qt::Key_Right:
      return step(1, 0);
    case Qt::Key_Up:
      return step(0, -1);
    case Qt::Key_Down:
      return step(0, 1);
    case Qt::Key_PageDown:
      return scrollBy(trackArea().height() * 0.8);
    case Qt::Key_PageUp:
      return scrollBy(-trackArea().height() * 0.8);
    case Qt::Key_F:
      return fitSelected();
    case Qt::Key_0:
    case Qt::Key_Home:
      return fitAll();
    case Qt::Key_Return:
      if (m_chosen) Q_EMIT opened(*m_chosen);
      return;
    default:
      QWidget::keyPressEvent(e);
  }
}

bool TimelineCanvas::event(QEvent* e) {
  if (e->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(e);
    const auto hit = hitAt(help->pos());
    if (hit.span) {
      QString text =
          m_source.nameOf(hit.span->name) + QLatin1Char('\n') + msText(static_cast<double>(hit.span->longestNs) * 1e-6);
      if (hit.span->count > 1) text += QStringLiteral("\nthe longest of %1 slices here").arg(hit.span->count);
      QToolTip::showText(help->globalPos(), text, this);
    } else {
      QToolTip::hideText();
    }
    return true;
  }
  return QWidget::event(e);
}

}  // namespace ridgeline::gui
