// Finds the call that launched a piece of work, in bounded memory: plugins tell of calls and of work in any order, but
// what belongs together is never far apart.
#pragma once

#include "base/result.h"
#include "collector/launch/flat_map.h"
#include "profile/timeline_vocabulary.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <variant>

namespace ridgeline::collector {

class LaunchLinks {
 public:
  using Work = std::variant<profile::KernelLaunch, profile::Copy>;
  // Receives work when its call is known, or it has waited long enough.
  using Give = std::function<Status(const Work&)>;

  // `window`: how many calls and how much work is remembered.
  explicit LaunchLinks(Give give, size_t window = size_t{1} << 18) : m_give(std::move(give)), m_window(window) {}

  void call(uint64_t correlation, profile::SliceId slice);
  Status work(uint64_t correlation, Work work);
  // What still waits.
  Status finish();

 private:
  struct Waiting {
    uint64_t correlation = 0;
    uint64_t next = 0;  // work of the same call; 0: none
    Work work;
  };
  struct Chain {
    uint64_t first = 0, last = 0;
  };
  Status giveFirst();
  Waiting& waiting(uint64_t number) { return m_waiting[number - m_first]; }

  Give m_give;
  size_t m_window;
  FlatMap<profile::SliceId> m_calls;
  std::deque<uint64_t> m_callOrder;
  std::deque<Waiting> m_waiting;  // numbered
  uint64_t m_first = 1;           // the number of m_waiting.front()
  FlatMap<Chain> m_waitingFor;
};

}  // namespace ridgeline::collector
