// A thread that does one task after another while its owner goes on. It stays the same thread, which the kernel leaves
// on a processor of its own; a new one for each task often shares its maker's for several milliseconds.
#pragma once

#include "base/result.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace ridgeline {

class Worker {
 public:
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();  // waits for the task at hand

  // The task before must have been finish()ed. The first one starts the thread.
  void begin(std::function<Status()> task);
  // Waits for the task, and gives its result once; Ok where there is none.
  Status finish();

 private:
  void loop();
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::function<Status()> m_task;
  std::optional<Status> m_result;
  bool m_busy = false, m_ending = false;
  std::thread m_thread;
};

}  // namespace ridgeline
