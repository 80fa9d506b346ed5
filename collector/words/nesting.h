// What is open at a point of a thread: the operator, else the range, around a call.
#pragma once

#include <cstdint>
#include <vector>

namespace ridgeline::collector {

// `Id`: how the caller knows slices. They are entered by start, the longer first.
template <class Id>
class Nesting {
 public:
  void enter(int64_t startNs, int64_t endNs, Id id, bool isOperator) {
    leaveBefore(startNs);
    m_open.push_back({endNs, id, isOperator});
  }
  void leaveBefore(int64_t startNs) {
    while (!m_open.empty() && m_open.back().endNs <= startNs) m_open.pop_back();
  }
  // The innermost operator, else the innermost range, else `none`.
  Id innermost(Id none) const {
    for (auto it = m_open.rbegin(); it != m_open.rend(); ++it) {
      if (it->isOperator) return it->id;
    }
    return m_open.empty() ? none : m_open.back().id;
  }
  void clear() { m_open.clear(); }

 private:
  struct Open {
    int64_t endNs;
    Id id;
    bool isOperator;
  };
  std::vector<Open> m_open;
};

}  // namespace ridgeline::collector
