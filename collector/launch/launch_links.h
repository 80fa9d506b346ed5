// Finds the call that launched a piece of work, in bounded memory: plugins tell of calls and of work in any order, but
// what belongs together is never far apart.
#pragma once

#include "base/result.h"
#include "profile/timeline_vocabulary.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>
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
  Status giveFirst();

  Give m_give;
  size_t m_window;
  std::unordered_map<uint64_t, profile::SliceId> m_calls;
  std::deque<uint64_t> m_callOrder;
  struct Waiting {
    uint64_t correlation = 0;
    Work work;
  };
  std::deque<Waiting> m_waiting;
  uint64_t m_first = 0;  // the number of m_waiting.front()
  std::unordered_multimap<uint64_t, uint64_t> m_waitingFor;
};

}  // namespace ridgeline::collector
