#include "gui/app/loader.h"

#include "gui/models/text.h"

#include <QCoreApplication>
#include <QThreadPool>
#include <exception>
#include <optional>

namespace ridgeline::gui {
namespace {

// Files that cannot be read end here as a message, whatever they did.
Result<DocumentPtr> loadSafely(const std::string& path) {
  try {
    return loadDocument(path);
  } catch (const std::bad_alloc&) {
    return unavailable(path + " does not fit into memory", "close other programs");
  } catch (const std::exception& e) {
    return internalError(std::string("a bug in ridgeline: ") + e.what());
  }
}

}  // namespace

Loader::~Loader() { *m_alive = false; }

void Loader::load(const QString& path, std::function<void(DocumentPtr, const QString&)> done) {
  const int64_t ticket = ++m_latest;
  ++m_running;
  QThreadPool::globalInstance()->start(
      [this, ticket, alive = m_alive, file = path.toStdString(), done = std::move(done)] {
        auto result = loadSafely(file);
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [this, ticket, alive, done, result = std::move(result)] {
              if (!*alive) return;
              --m_running;
              if (ticket != m_latest) return;
              result ? done(*result, {}) : done(nullptr, oneLine(qs(result.error().text())));
            },
            Qt::QueuedConnection);
      });
}

}  // namespace ridgeline::gui
