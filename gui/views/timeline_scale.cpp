// What stands above the tracks of a timeline: the whole recording in small, and the ruler.
#include "gui/models/text.h"
#include "gui/views/paint.h"
#include "gui/views/timeline_canvas.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace ridgeline::gui {

void TimelineCanvas::drawRuler(QPainter& p) {
  const auto& theme = Theme::of(*this);
  const auto area = trackArea();
  const QRectF ruler(0, kOverviewHeight, width(), kRulerHeight);
  p.fillRect(ruler, theme.card);
  const double step0 = (m_to - m_from) / std::max(2.0, area.width() / 110);
  const double power = std::pow(10, std::floor(std::log10(step0)));
  const double step = step0 / power < 2 ? 2 * power : step0 / power < 5 ? 5 * power : 10 * power;
  const double zero = static_cast<double>(m_source.startNs());
  const auto font = scaledFont(*this, 0.86);
  // The largest unit in which every mark is a whole number.
  const double unit = step >= 1e9 ? 1e9 : step >= 1e6 ? 1e6 : step >= 1e3 ? 1e3 : 1;
  const QString unitName = step >= 1e9   ? QStringLiteral("s")
                           : step >= 1e6 ? QStringLiteral("ms")
                           : step >= 1e3 ? QStringLiteral("µs")
                                         : QStringLiteral("ns");
  for (double t = std::ceil((m_from - zero) / step) * step; t + zero < m_to; t += step) {
    const double x = xOf(t + zero);
    if (x < area.left()) continue;
    p.setPen(theme.faint);
    p.drawLine(QPointF(x, ruler.bottom() - 5), QPointF(x, ruler.bottom()));
    drawText(p, {x + 4, ruler.top() + 2, 106, ruler.height() - 6},
             QStringLiteral("%1 %2").arg(t / unit, 0, 'f', 0).arg(unitName), font, theme.muted);
  }
  p.setPen(theme.border);
  p.drawLine(QPointF(0, ruler.bottom() - 0.5), QPointF(width(), ruler.bottom() - 0.5));
  drawText(p, {12, ruler.top() + 2, area.left() - 20, ruler.height() - 6},
           msText((m_to - m_from) * 1e-6) + QStringLiteral(" shown"), font, theme.muted);
}

// How busy the outermost lanes of all tracks are, from the first slice to the last.
QImage TimelineCanvas::overviewStrip(const QSize& size) const {
  const auto& theme = Theme::of(*this);
  QImage image(size, QImage::Format_RGB32);
  image.fill(theme.raised);
  const double start = static_cast<double>(m_source.startNs());
  const double scale = size.width() / std::max(1.0, static_cast<double>(m_source.endNs()) - start);
  const auto width = static_cast<size_t>(size.width());
  std::vector<float> busy(width, 0);
  for (const auto& track : m_source.tracks()) {
    const auto* window = m_source.window(track.id, track.startNs, track.endNs);
    if (window == nullptr || window->lanes.empty()) continue;
    for (const auto& span : window->lanes[0]) {
      const double x0 = (static_cast<double>(span.startNs) - start) * scale;
      const double x1 = std::max(x0 + 0.3, (static_cast<double>(span.endNs) - start) * scale);
      const double length = static_cast<double>(span.endNs - span.startNs);
      const double filled = length > 0 ? static_cast<double>(span.busyNs) / length : 1;
      for (auto px = static_cast<size_t>(std::max(0.0, x0)); px < width && static_cast<double>(px) < x1; ++px) {
        const double part = std::min(x1, static_cast<double>(px) + 1) - std::max(x0, static_cast<double>(px));
        busy[px] += static_cast<float>(std::max(0.0, part) * filled);
      }
    }
  }
  const float largest = busy.empty() ? 0 : *std::max_element(busy.begin(), busy.end());
  QPainter p(&image);
  for (size_t px = 0; px < width && largest > 0; ++px) {
    const int h = static_cast<int>(static_cast<float>(size.height()) * busy[px] / largest);
    p.fillRect(static_cast<int>(px), size.height() - h, 1, h, mixed(theme.accent, theme.raised, 0.45));
  }
  return image;
}

// The whole recording in one strip, and where the window lies in it.
void TimelineCanvas::drawOverview(QPainter& p) {
  const auto& theme = Theme::of(*this);
  const auto area = trackArea();
  const QRectF strip(area.left(), 6, area.width() - 8, kOverviewHeight - 10);
  p.fillRect(QRectF(0, 0, width(), kOverviewHeight), theme.card);
  p.fillRect(strip, theme.raised);
  const double start = static_cast<double>(m_source.startNs());
  const double all = std::max(1.0, static_cast<double>(m_source.endNs()) - start);
  const QSize size(static_cast<int>(strip.width()), static_cast<int>(strip.height()));
  if (m_strip.size() != size) m_strip = overviewStrip(size);
  p.drawImage(strip.topLeft(), m_strip);
  const double left = strip.left() + std::clamp((m_from - start) / all, 0.0, 1.0) * strip.width();
  const double right = strip.left() + std::clamp((m_to - start) / all, 0.0, 1.0) * strip.width();
  p.setPen(QPen(theme.accent, 1.5));
  p.setBrush(Qt::NoBrush);
  p.drawRect(QRectF(left, strip.top(), std::max(3.0, right - left), strip.height()));
  drawText(p, {12, strip.top(), area.left() - 20, strip.height()}, msText(all * 1e-6) + QStringLiteral(" in all"),
           scaledFont(*this, 0.86), theme.muted);
}

}  // namespace ridgeline::gui
