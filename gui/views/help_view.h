// The help page.
#pragma once

#include "gui/views/view.h"

class QTextBrowser;

namespace ridgeline::gui {

class HelpView : public View {
  Q_OBJECT

 public:
  explicit HelpView(QWidget* parent = nullptr);

 protected:
  void documentChanged() override {}

 private:
  QTextBrowser* m_text;
};

}  // namespace ridgeline::gui
