// What is there before anything is open.
#pragma once

#include "gui/views/view.h"

#include <QStringList>

class QLabel;
class QVBoxLayout;

namespace ridgeline::gui {

class StartView : public View {
  Q_OBJECT

 public:
  explicit StartView(QWidget* parent = nullptr);
  void setRecent(const QStringList& files);

 Q_SIGNALS:
  void openFile(const QString& path);

 protected:
  void documentChanged() override {}

 private:
  QVBoxLayout* m_recent;
  QLabel* m_recentTitle;
};

}  // namespace ridgeline::gui
