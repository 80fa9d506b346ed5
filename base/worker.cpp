#include "base/worker.h"

#include <utility>

namespace ridgeline {

Worker::~Worker() {
  {
    const std::lock_guard lock(m_mutex);
    m_ending = true;
  }
  m_changed.notify_all();
  if (m_thread.joinable()) m_thread.join();
}

void Worker::begin(std::function<Status()> task) {
  {
    const std::lock_guard lock(m_mutex);
    m_task = std::move(task);
    m_busy = true;
  }
  if (!m_thread.joinable()) m_thread = std::thread([this] { loop(); });
  m_changed.notify_all();
}

Status Worker::finish() {
  std::unique_lock lock(m_mutex);
  m_changed.wait(lock, [this] { return !m_busy; });
  return std::exchange(m_result, std::nullopt).value_or(Status());
}

void Worker::loop() {
  std::unique_lock lock(m_mutex);
  while (true) {
    m_changed.wait(lock, [this] { return m_task || m_ending; });
    if (!m_task) return;
    const auto task = std::exchange(m_task, nullptr);
    lock.unlock();
    auto result = task();
    lock.lock();
    m_result = std::move(result);
    m_busy = false;
    m_changed.notify_all();
  }
}

}  // namespace ridgeline
