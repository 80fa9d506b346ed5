// Threads that stay on their processors and start a measurement together.
#pragma once

#include "base/result.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace ridgeline::cpu {

class Team {
 public:
  // One thread per entry, pinned to that logical processor (best effort: a processor taken away is no error).
  static Result<std::unique_ptr<Team>> create(const std::vector<int>& processors);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return static_cast<int>(m_threads.size()); }

  // Runs work(0) ... work(size-1), each on its own thread; returns when all are done. `work` must not throw.
  void run(const std::function<void(int)>& work);

  // Called by every thread inside run(): all leave it together. Spins, for a start within nanoseconds.
  void arriveAndWait();

 private:
  Team() = default;
  void serve(int index, int processor);
  void shutDown();

  std::vector<std::thread> m_threads;
  std::mutex m_mutex;
  std::condition_variable m_start, m_finished;
  const std::function<void(int)>* m_work = nullptr;
  uint64_t m_round = 0;
  int m_running = 0;
  bool m_ending = false;
  std::atomic<int> m_waiting{0};
  std::atomic<uint64_t> m_generation{0};
};

}  // namespace ridgeline::cpu
