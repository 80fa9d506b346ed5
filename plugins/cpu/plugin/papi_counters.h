// Counts metrics over several threads, by PAPI, and where PAPI does not know the processor at all by the kernel.
#pragma once

#include "base/result.h"
#include "plugins/cpu/plugin/event_files.h"
#include "plugins/cpu/plugin/software_event.h"

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::cpu {

// Whether PAPI can be used at all; once a process. Unavailable with the reason.
Status openPapi();
void closePapi();

// Whether the metric's events count here: added to an event set and started on this thread, for the names alone say
// nothing. Unavailable with PAPI's reason.
Status tryMetrics(std::span<const Metric> metrics);

class PapiCounters {
 public:
  // Unavailable when the metrics cannot be counted, or not together.
  static Result<std::unique_ptr<PapiCounters>> start(std::vector<Metric> metrics);
  ~PapiCounters();

  // The calling thread begins or ends to be counted.
  Status join();
  Status leave();
  // Totals over all threads since they joined; what threads that left had counted is in them.
  Status read(std::span<double> values);

 private:
  explicit PapiCounters(std::vector<Metric> metrics);
  // The events of one thread: m_events are those of PAPI's set, and then the others.
  struct ThreadEvents {
    int set = 0;
    std::vector<SoftwareEvent> others;
  };
  Result<ThreadEvents> startOnThisThread() const;
  bool readThread(const ThreadEvents& thread, std::vector<long long>& counts) const;
  void endThread(ThreadEvents& thread, std::vector<long long>& counts) const;
  void addTotals(const std::vector<long long>& counts, std::span<double> values) const;

  std::vector<Metric> m_metrics;
  std::vector<std::string> m_events;  // each once
  size_t m_byPapi = 0;                // so many of them, the first
  std::mutex m_mutex;                 // of what follows
  std::map<long, ThreadEvents> m_threads;
  std::vector<long long> m_left;  // counts of threads that left
};

}  // namespace ridgeline::cpu
