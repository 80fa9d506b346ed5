// The network: boxes in the colour of what bounds them, fused groups outlined.
#pragma once

#include "gui/models/network.h"
#include "gui/views/view.h"

#include <QColor>
#include <QPointer>
#include <memory>

class QLabel;
class QLineEdit;
class QPushButton;
class QPainter;

namespace ridgeline::gui {

class GraphCanvas : public QWidget {
  Q_OBJECT

 public:
  enum class Colour { Bound, Time };

  explicit GraphCanvas(QWidget* parent = nullptr);
  void setNetwork(std::shared_ptr<const Network> network);
  void setMessage(const QString& title, const QString& text);
  void setItem(const Item& item, bool center);
  void setColour(Colour colour);
  void setMatches(const std::set<size_t>& boxes);
  void centerOn(size_t box);
  void fit();
  void zoom(double factor, const QPointF& around);
  double scale() const { return m_scale; }
  int boxAt(const QPointF& at) const;  // -1: none
  QRectF onScreen(const QRectF& rect) const;

 Q_SIGNALS:
  void picked(const ridgeline::gui::Item& item);
  void opened(int box);

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

 private:
  void drawBox(QPainter& p, const NetworkBox& box, bool match);
  void drawMap(QPainter& p);
  QRectF mapRect() const;
  QColor fillOf(const NetworkBox& box) const;
  void step(int dx, int dy);
  void readable();

  std::shared_ptr<const Network> m_network;
  QString m_title, m_text;
  std::set<size_t> m_matches;
  Item m_item;
  int m_current = -1;
  Colour m_colour = Colour::Bound;
  double m_scale = 1;
  QPointF m_offset;  // of the network's origin on the screen
  QPointF m_pressed, m_last;
  bool m_moved = false, m_onMap = false, m_placed = false;
};

class GraphView : public View {
  Q_OBJECT

 public:
  explicit GraphView(Selection* selection, QWidget* parent = nullptr);
  ~GraphView() override;
  bool settled() const override { return m_running == 0; }
  void focusSearch() override;
  GraphCanvas& canvas() { return *m_canvas; }
  const std::shared_ptr<const Network>& network() const { return m_network; }
  void setCollapsed(bool collapsed);
  void toggleBlock(size_t block);

 protected:
  void documentChanged() override;
  void showItem(const Item& item) override;

 private:
  void layOutAgain();
  void arrived(std::shared_ptr<const Network> network);
  void search(bool next);

  GraphCanvas* m_canvas;
  QLineEdit* m_words;
  QLabel* m_state;
  QPushButton *m_collapse, *m_byTime;
  NetworkOptions m_options;
  std::shared_ptr<const Network> m_network;
  std::vector<size_t> m_found;
  size_t m_next = 0;
  int64_t m_latest = 0;
  int m_running = 0;
  bool m_picking = false;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

}  // namespace ridgeline::gui
