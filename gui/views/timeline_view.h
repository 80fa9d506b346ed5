// The page with the timeline: search above it, a scroll bar beside it.
#pragma once

#include "gui/views/timeline_canvas.h"
#include "gui/views/view.h"

class QLabel;
class QLineEdit;
class QProgressBar;
class QScrollBar;

namespace ridgeline::gui {

class TimelineView : public View {
  Q_OBJECT

 public:
  explicit TimelineView(Selection* selection, QWidget* parent = nullptr);
  bool settled() const override { return !m_source.busy(); }
  void focusSearch() override;
  TimelineCanvas& canvas() { return *m_canvas; }
  TimelineSource& source() { return m_source; }

 Q_SIGNALS:
  void facts(const ridgeline::gui::Facts& facts);

 protected:
  void documentChanged() override;
  void showItem(const Item& item) override;

 private:
  void search(bool next);

  TimelineSource m_source;
  TimelineCanvas* m_canvas;
  QLineEdit* m_words;
  QLabel* m_state;
  QProgressBar* m_progress;
  QScrollBar* m_bar;
};

}  // namespace ridgeline::gui
