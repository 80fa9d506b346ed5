// Counts every kernel of one context with CUPTI's Range Profiler: each launch is a range of its own, and is replayed as
// often as there are passes. Kernels are told of in the order of their launches.
#pragma once

#include "plugins/cuda/counters/host_metrics.h"
#include "plugins/cuda/counters/resolve.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ridgeline::cuda {

struct LaunchedKernel {
  std::string name;
  uint32_t grid[3] = {}, block[3] = {};
  uint32_t dynamicShared = 0;
};

// What stands in the way of counting, and what would help.
std::string whyNoCounters(const CuptiLibrary& cupti, CUptiResult result);

class RangeCounting {
 public:
  // Values in the order of metrics().
  using Tell = std::function<void(const LaunchedKernel&, const std::vector<double>& values)>;

  // Null, with the reason, when nothing can be counted there.
  static std::unique_ptr<RangeCounting> begin(const CuptiProfiler& cupti, CUcontext context, size_t device,
                                              const std::vector<std::string>& requested, Tell tell, std::string& why);
  ~RangeCounting();
  RangeCounting(const RangeCounting&) = delete;
  RangeCounting& operator=(const RangeCounting&) = delete;

  // Before the kernel runs, and when its launch has returned.
  void launching(LaunchedKernel kernel) { m_launched.push_back(std::move(kernel)); }
  void launched();
  // Tells of the kernels that are still to be told of. Nothing is counted after it.
  void finish();

  const std::vector<ResolvedMetric>& metrics() const { return m_resolved.metrics; }
  const std::string& chip() const { return m_chip; }
  size_t passes() const { return m_host->passes(); }
  // Kernels that were launched and not counted, and why; taken.
  size_t takeLost() { return std::exchange(m_lost, 0); }

 private:
  RangeCounting(const CuptiProfiler& cupti, CUcontext context, Tell tell)
      : m_cupti(cupti), m_context(context), m_tell(std::move(tell)) {}
  bool prepare(size_t device, const std::vector<std::string>& requested, std::string& why);
  bool enable(std::string& why);
  bool start(std::string& why);
  void collect();

  const CuptiProfiler& m_cupti;
  CUcontext m_context;
  Tell m_tell;
  std::string m_chip;
  std::unique_ptr<HostMetrics> m_host;
  ResolvedCounters m_resolved;
  CUpti_RangeProfiler_Object* m_profiler = nullptr;
  std::vector<uint8_t> m_data;
  std::vector<LaunchedKernel> m_launched;
  bool m_running = false;
  size_t m_lost = 0;
};

}  // namespace ridgeline::cuda
