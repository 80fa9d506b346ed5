// The panel beside the pages: what is known of the selected thing.
#pragma once

#include "gui/models/facts.h"
#include "gui/views/view.h"

class QLabel;
class QVBoxLayout;

namespace ridgeline::gui {

class Inspector : public View {
  Q_OBJECT

 public:
  explicit Inspector(Selection* selection, QWidget* parent = nullptr);
  // What a page knows beyond the document: the slice under the cursor. Empty title: back to the selection.
  void showFacts(const Facts& facts);
  bool hasFacts() const { return m_has; }
  QString text() const;  // as shown, for tests and for copying

 protected:
  void documentChanged() override { showItem(selection()->item()); }
  void showItem(const Item& item) override;

 private:
  void fill(const Facts& facts);
  QLabel *m_title, *m_subtitle;
  QWidget* m_bar;
  QWidget* m_lines;
  QWidget* m_actions;
  bool m_has = false;
  Facts m_facts;
};

}  // namespace ridgeline::gui
