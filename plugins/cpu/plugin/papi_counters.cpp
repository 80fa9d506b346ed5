#include "plugins/cpu/plugin/papi_counters.h"

#include <papi.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace ridgeline::cpu {
namespace {

unsigned long threadId() { return static_cast<unsigned long>(::syscall(SYS_gettid)); }

std::string reasonOf(int code) {
  const char* text = PAPI_strerror(code);
  return text ? text : fmt::format("PAPI error {}", code);
}

// A set is read by the thread that asks, not by the one it counts: reading a counter's register would give that of the
// wrong processor. PAPI falls back to the system call, which is right on every thread, when the component says that it
// has no fast way.
void readBySystemCall() {
  const int component = PAPI_get_component_index("perf_event");
  if (component < 0) return;
  if (const auto* info = PAPI_get_component_info(component)) {
    const_cast<PAPI_component_info_t*>(info)->fast_counter_read = 0;
  }
}

// An event set with the events in it, running.
Result<int> startSet(const std::vector<std::string>& events) {
  int set = PAPI_NULL;
  if (const int code = PAPI_create_eventset(&set); code != PAPI_OK) return unavailable(reasonOf(code));
  const auto give = [&set](std::string why) -> tl::unexpected<Error> {
    PAPI_cleanup_eventset(set);
    PAPI_destroy_eventset(&set);
    return unavailable(std::move(why));
  };
  for (const auto& event : events) {
    const int code = PAPI_add_named_event(set, event.c_str());
    if (code != PAPI_OK) return give(fmt::format("{}: {}", event, reasonOf(code)));
  }
  if (const int code = PAPI_start(set); code != PAPI_OK) return give(reasonOf(code));
  return set;
}

void endSet(int set, std::vector<long long>& counts) {
  if (PAPI_stop(set, counts.data()) != PAPI_OK) std::fill(counts.begin(), counts.end(), 0);
  PAPI_cleanup_eventset(set);
  PAPI_destroy_eventset(&set);
}

bool isSoftware(const std::string& event) { return event.starts_with("perf::"); }

// Whether PAPI can count it. A processor that is newer than PAPI takes even the kernel's own events from it.
bool papiCounts(const std::string& event) {
  auto set = startSet({event});
  if (!set) return false;
  std::vector<long long> count(1);
  endSet(*set, count);
  return true;
}

// Each event once; first those of PAPI, whose number is `byPapi`.
std::vector<std::string> eventsOf(std::span<const Metric> metrics, size_t& byPapi) {
  std::vector<std::string> papi, others;
  for (const auto& metric : metrics) {
    for (const auto& term : metric.terms) {
      const auto known = [&](const auto& list) {
        return std::find(list.begin(), list.end(), term.event) != list.end();
      };
      if (known(papi) || known(others)) continue;
      (isSoftware(term.event) && !papiCounts(term.event) ? others : papi).push_back(term.event);
    }
  }
  byPapi = papi.size();
  papi.insert(papi.end(), others.begin(), others.end());
  return papi;
}

}  // namespace

Status openPapi() {
  if (PAPI_is_initialized() != PAPI_NOT_INITED) return {};
  const int version = PAPI_library_init(PAPI_VER_CURRENT);
  if (version != PAPI_VER_CURRENT) return unavailable(fmt::format("PAPI cannot be used: {}", reasonOf(version)));
  if (const int code = PAPI_thread_init(threadId); code != PAPI_OK) return unavailable(reasonOf(code));
  // Context switches happen in the kernel, and are not seen from the user's side alone.
  if (PAPI_set_domain(PAPI_DOM_ALL) != PAPI_OK) PAPI_set_domain(PAPI_DOM_USER);
  readBySystemCall();
  return {};
}

void closePapi() {
  if (PAPI_is_initialized() != PAPI_NOT_INITED) PAPI_shutdown();
}

PapiCounters::PapiCounters(std::vector<Metric> metrics)
    : m_metrics(std::move(metrics)), m_events(eventsOf(m_metrics, m_byPapi)), m_left(m_events.size(), 0) {}

Status tryMetrics(std::span<const Metric> metrics) {
  auto counters = PapiCounters::start({metrics.begin(), metrics.end()});
  if (!counters) return passOn(counters);
  return {};
}

Result<std::unique_ptr<PapiCounters>> PapiCounters::start(std::vector<Metric> metrics) {
  std::unique_ptr<PapiCounters> made(new PapiCounters(std::move(metrics)));
  auto possible = made->startOnThisThread();
  if (!possible) return passOn(possible);
  std::vector<long long> counts;
  made->endThread(*possible, counts);
  return made;
}

PapiCounters::~PapiCounters() {
  // Threads should have left; what they left behind is ended from here.
  std::vector<long long> counts;
  for (auto& [id, thread] : m_threads) endThread(thread, counts);
}

Result<PapiCounters::ThreadEvents> PapiCounters::startOnThisThread() const {
  ThreadEvents thread{PAPI_NULL, {}};
  const auto firstOther = m_events.begin() + static_cast<std::ptrdiff_t>(m_byPapi);
  for (auto event = firstOther; event != m_events.end(); ++event) {
    auto opened = SoftwareEvent::open(*event);
    if (!opened) return passOn(opened);
    thread.others.push_back(std::move(*opened));
  }
  if (m_byPapi > 0) {
    auto set = startSet({m_events.begin(), firstOther});
    if (!set) return passOn(set);
    thread.set = *set;
  }
  return thread;
}

bool PapiCounters::readThread(const ThreadEvents& thread, std::vector<long long>& counts) const {
  counts.resize(m_events.size());
  if (thread.set != PAPI_NULL && PAPI_read(thread.set, counts.data()) != PAPI_OK) return false;
  for (size_t i = 0; i < thread.others.size(); ++i) counts[m_byPapi + i] = thread.others[i].read();
  return true;
}

void PapiCounters::endThread(ThreadEvents& thread, std::vector<long long>& counts) const {
  if (!readThread(thread, counts)) std::fill(counts.begin(), counts.end(), 0);
  std::vector<long long> last(m_events.size());
  if (thread.set != PAPI_NULL) endSet(thread.set, last);
  thread.others.clear();
}

Status PapiCounters::join() {
  if (m_events.empty()) return {};
  const auto id = static_cast<long>(threadId());
  const std::lock_guard lock(m_mutex);
  if (m_threads.contains(id)) return {};
  if (m_byPapi > 0) PAPI_register_thread();
  auto started = startOnThisThread();
  if (!started) return passOn(started);
  m_threads.emplace(id, std::move(*started));
  return {};
}

Status PapiCounters::leave() {
  const auto id = static_cast<long>(threadId());
  const std::lock_guard lock(m_mutex);
  const auto thread = m_threads.find(id);
  if (thread == m_threads.end()) return {};
  std::vector<long long> counts;
  endThread(thread->second, counts);
  for (size_t i = 0; i < counts.size(); ++i) m_left[i] += counts[i];
  m_threads.erase(thread);
  if (m_byPapi > 0) PAPI_unregister_thread();
  return {};
}

void PapiCounters::addTotals(const std::vector<long long>& counts, std::span<double> values) const {
  for (size_t m = 0; m < values.size() && m < m_metrics.size(); ++m) {
    values[m] = 0;
    for (const auto& term : m_metrics[m].terms) {
      const auto event = std::find(m_events.begin(), m_events.end(), term.event) - m_events.begin();
      values[m] += term.factor * static_cast<double>(counts[static_cast<size_t>(event)]);
    }
  }
}

Status PapiCounters::read(std::span<double> values) {
  const std::lock_guard lock(m_mutex);
  auto totals = m_left;
  std::vector<long long> counts;
  for (const auto& [id, thread] : m_threads) {
    if (!readThread(thread, counts)) return unavailable("PAPI does not read its counters any more");
    for (size_t i = 0; i < counts.size(); ++i) totals[i] += counts[i];
  }
  addTotals(totals, values);
  return {};
}

}  // namespace ridgeline::cpu
