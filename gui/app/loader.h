// Reads profiles in the background.
#pragma once

#include "gui/models/document.h"

#include <QObject>
#include <QString>
#include <functional>
#include <memory>

namespace ridgeline::gui {

class Loader : public QObject {
  Q_OBJECT

 public:
  explicit Loader(QObject* parent = nullptr) : QObject(parent) {}
  ~Loader() override;

  // `done` is called in this thread, unless something else was asked for meanwhile. Null: `error` says why.
  void load(const QString& path, std::function<void(DocumentPtr, const QString& error)> done);
  bool busy() const { return m_running > 0; }

 private:
  int m_running = 0;
  int64_t m_latest = 0;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

}  // namespace ridgeline::gui
