#include "plugins/cpu/measure/team.h"

#include <pthread.h>
#include <sched.h>

#include <system_error>

namespace ridgeline::cpu {
namespace {

void pinThisThread(int processor) {
  cpu_set_t* set = CPU_ALLOC(processor + 1);
  const size_t bytes = CPU_ALLOC_SIZE(processor + 1);
  CPU_ZERO_S(bytes, set);
  CPU_SET_S(processor, bytes, set);
  (void)::pthread_setaffinity_np(::pthread_self(), bytes, set);
  CPU_FREE(set);
}

}  // namespace

Result<std::unique_ptr<Team>> Team::create(const std::vector<int>& processors) {
  std::unique_ptr<Team> team(new Team);
  try {
    for (size_t i = 0; i < processors.size(); ++i) {
      team->m_threads.emplace_back(&Team::serve, team.get(), static_cast<int>(i), processors[i]);
    }
  } catch (const std::system_error& error) {
    return unavailable(fmt::format("cannot start {} measuring threads: {}", processors.size(), error.what()),
                       "ask for fewer threads");
  }
  return team;
}

Team::~Team() { shutDown(); }

void Team::shutDown() {
  {
    const std::lock_guard lock(m_mutex);
    m_ending = true;
  }
  m_start.notify_all();
  for (auto& thread : m_threads) thread.join();
}

void Team::run(const std::function<void(int)>& work) {
  std::unique_lock lock(m_mutex);
  m_work = &work;
  m_running = size();
  ++m_round;
  m_start.notify_all();
  m_finished.wait(lock, [&] { return m_running == 0; });
  m_work = nullptr;
}

void Team::serve(int index, int processor) {
  pinThisThread(processor);
  uint64_t seen = 0;
  std::unique_lock lock(m_mutex);
  while (true) {
    m_start.wait(lock, [&] { return m_ending || m_round != seen; });
    if (m_ending) return;
    seen = m_round;
    const auto* work = m_work;
    lock.unlock();
    (*work)(index);
    lock.lock();
    if (--m_running == 0) m_finished.notify_one();
  }
}

void Team::arriveAndWait() {
  // With more threads than processors the one waited for may need this one's place.
  constexpr int kSpinsBeforeYield = 1 << 14;
  const auto generation = m_generation.load(std::memory_order_acquire);
  if (m_waiting.fetch_add(1, std::memory_order_acq_rel) + 1 == size()) {
    m_waiting.store(0, std::memory_order_relaxed);
    m_generation.store(generation + 1, std::memory_order_release);
    return;
  }
  for (int spins = 0; m_generation.load(std::memory_order_acquire) == generation; ++spins) {
    if (spins >= kSpinsBeforeYield) ::sched_yield();
  }
}

}  // namespace ridgeline::cpu
