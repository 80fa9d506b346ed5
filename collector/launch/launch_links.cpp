#include "collector/launch/launch_links.h"

namespace ridgeline::collector {
namespace {

void setLaunch(LaunchLinks::Work& work, profile::SliceId slice) {
  std::visit([slice](auto& row) { row.launch = slice; }, work);
}

}  // namespace

void LaunchLinks::call(uint64_t correlation, profile::SliceId slice) {
  if (const auto* chain = m_waitingFor.find(correlation)) {
    for (uint64_t number = chain->first; number != 0; number = waiting(number).next)
      setLaunch(waiting(number).work, slice);
    m_waitingFor.erase(correlation);
  }
  const auto [known, fresh] = m_calls.insert(correlation);
  *known = slice;
  if (fresh) m_callOrder.push_back(correlation);
  if (m_callOrder.size() <= m_window) return;
  m_calls.erase(m_callOrder.front());
  m_callOrder.pop_front();
}

Status LaunchLinks::work(uint64_t correlation, Work work) {
  const auto* known = correlation ? m_calls.find(correlation) : nullptr;
  if (known) setLaunch(work, *known);
  if (!correlation || (known && m_waiting.empty())) return m_give(work);
  // Behind work that waits even if its own call is known, so that everything is given in its order.
  const uint64_t number = m_first + m_waiting.size();
  m_waiting.push_back({correlation, 0, std::move(work)});
  if (!known) {
    auto* chain = m_waitingFor.insert(correlation).first;
    if (chain->last != 0) waiting(chain->last).next = number;
    chain->last = number;
    if (chain->first == 0) chain->first = number;
  }
  return m_waiting.size() > m_window ? giveFirst() : Status();
}

Status LaunchLinks::giveFirst() {
  const auto& front = m_waiting.front();
  auto* chain = m_waitingFor.find(front.correlation);
  if (chain && chain->first == m_first) {
    chain->first = front.next;
    if (front.next == 0) m_waitingFor.erase(front.correlation);
  }
  auto given = m_give(front.work);
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
