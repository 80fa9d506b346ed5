#include "collector/launch/launch_links.h"

namespace ridgeline::collector {
namespace {

void setLaunch(LaunchLinks::Work& work, profile::SliceId slice) {
  std::visit([slice](auto& row) { row.launch = slice; }, work);
}

}  // namespace

void LaunchLinks::call(uint64_t correlation, profile::SliceId slice) {
  const auto [first, last] = m_waitingFor.equal_range(correlation);
  for (auto i = first; i != last; ++i) setLaunch(m_waiting[i->second - m_first].work, slice);
  m_waitingFor.erase(first, last);
  if (m_calls.insert_or_assign(correlation, slice).second) m_callOrder.push_back(correlation);
  if (m_callOrder.size() <= m_window) return;
  m_calls.erase(m_callOrder.front());
  m_callOrder.pop_front();
}

Status LaunchLinks::work(uint64_t correlation, Work work) {
  const auto known = correlation ? m_calls.find(correlation) : m_calls.end();
  if (known != m_calls.end()) setLaunch(work, known->second);
  if (!correlation || (known != m_calls.end() && m_waiting.empty())) return m_give(work);
  // Behind work that waits even if its own call is known, so that everything is given in its order.
  if (known == m_calls.end()) m_waitingFor.emplace(correlation, m_first + m_waiting.size());
  m_waiting.push_back({correlation, std::move(work)});
  return m_waiting.size() > m_window ? giveFirst() : Status();
}

Status LaunchLinks::giveFirst() {
  const auto [first, last] = m_waitingFor.equal_range(m_waiting.front().correlation);
  for (auto i = first; i != last; ++i) {
    if (i->second != m_first) continue;
    m_waitingFor.erase(i);
    break;
  }
  auto given = m_give(m_waiting.front().work);
  m_waiting.pop_front();
  ++m_first;
  return given;
}

Status LaunchLinks::finish() {
  while (!m_waiting.empty()) {
    if (auto given = giveFirst(); !given) return given;
  }
  return {};
}

}  // namespace ridgeline::collector
