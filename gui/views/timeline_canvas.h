// The drawn timeline: tracks below each other, time from left to right.
#pragma once

#include "gui/models/timeline_source.h"
#include "gui/views/theme.h"

#include <QImage>
#include <QStaticText>
#include <QWidget>
#include <unordered_set>
#include <vector>

namespace ridgeline::gui {

class TimelineCanvas : public QWidget {
  Q_OBJECT

 public:
  explicit TimelineCanvas(TimelineSource& source, QWidget* parent = nullptr);

  void setDocument(DocumentPtr document);
  void fitAll();
  void setWindow(double fromNs, double toNs);
  double fromNs() const { return m_from; }
  double toNs() const { return m_to; }
  void zoomAt(double factor, double x);  // x in pixels
  void panBy(double pixels);
  void scrollBy(double pixels);
  // Highlights whatever is called so.
  void setMatches(const std::vector<int64_t>& names);
  void setOperator(int64_t op);  // 0: none
  void choose(const Span& span, int64_t track);
  void fitSelected();
  void show(const Found& slice);
  const std::optional<Span>& chosen() const { return m_chosen; }
  double contentHeight() const;
  double scroll() const { return m_scroll; }
  void setMessage(const QString& title, const QString& text);

  struct Hit {
    int64_t track = 0;
    std::optional<Span> span;
  };
  Hit hitAt(const QPointF& at) const;
  QRectF trackArea() const;

 Q_SIGNALS:
  void picked(const ridgeline::gui::Span& span, qlonglong track);
  void opened(const ridgeline::gui::Span& span);
  void stretchChosen(qlonglong fromNs, qlonglong toNs);
  void viewChanged();

 protected:
  void paintEvent(QPaintEvent*) override;
  void wheelEvent(QWheelEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;
  void mouseDoubleClickEvent(QMouseEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  bool event(QEvent*) override;
  void changeEvent(QEvent*) override;

 private:
  static constexpr double kRulerHeight = 26, kOverviewHeight = 34;

  struct Row {
    size_t track = 0;
    double top = 0, height = 0;  // without scrolling
    QString heading;             // of the group that begins here
  };
  void arrange();
  void drawOverview(QPainter& p);
  void drawRuler(QPainter& p);
  void drawTrack(QPainter& p, const Row& row, const TrackWindow& window);
  void drawLane(QPainter& p, const std::vector<Span>& spans, double top, double height);
  void drawNarrow(QPainter& p, double top, double height);
  QRgb& keptColor(size_t place) const;
  QImage overviewStrip(const QSize& size) const;
  const QStaticText& cutUpwards(const Span& span, const QStaticText& text, double room);
  void drawLabel(QPainter& p, const Span& span, const QRectF& box, QRgb fill);
  void drawHeader(QPainter& p, const Row& row);
  void drawFlows(QPainter& p);
  void drawMarks(QPainter& p);
  void ask();
  QRgb colorOf(const Span& span) const;
  double xOf(double ns) const;
  double nsAt(double x) const;
  double laneHeight() const;
  void chooseSizes();
  void step(int along, int across);
  std::optional<QPointF> placeOf(int64_t track, int64_t slice, int64_t ns) const;

  TimelineSource& m_source;
  DocumentPtr m_document;
  std::vector<Row> m_rows;
  double m_from = 0, m_to = 1, m_scroll = 0, m_laneHeight = 18;
  QFont m_labelFont;  // kept: to look one up for every label is most of its cost
  double m_labelHeight = 0;
  QString m_messageTitle, m_messageText;
  std::optional<Span> m_chosen;
  int64_t m_chosenTrack = 0;
  int64_t m_operator = 0;
  std::unordered_set<int64_t> m_matches;
  std::vector<TimelineFlow> m_flows;
  std::optional<std::pair<double, double>> m_stretch;
  QPointF m_pressed, m_last;
  enum class Drag { None, Pan, Stretch, Overview } m_drag = Drag::None;
  bool m_moved = false;
  mutable std::vector<QRgb> m_colors;                           // by name; 0: not chosen yet
  std::unordered_map<int64_t, QStaticText> m_texts, m_upwards;  // names as they are, and cut for lanes as high as now
  std::unordered_map<std::string, profile::Bound> m_kernelBounds;
  std::vector<float> m_cover, m_red, m_green, m_blue;  // of a lane, by pixel: what is too narrow to be drawn alone
  QImage m_line, m_strip;
};

}  // namespace ridgeline::gui
