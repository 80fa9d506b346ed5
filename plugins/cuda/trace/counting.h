// The other thing the library can do in a process: nothing but count, kernel by kernel. The kernels' times mean nothing
// then, since each runs several times and alone; what was counted is matched to a recording of another run.
#pragma once

#include "plugins/cuda/counters/range_counting.h"
#include "plugins/cuda/trace/kernel_names.h"
#include "plugins/sdk/ridgeline_spool.h"

#include <map>
#include <mutex>

namespace ridgeline::cuda {

class Counting {
 public:
  using Note = std::function<void(const std::string&)>;
  Counting(RidgelineSpool* spool, const CuptiProfiler& cupti, std::vector<std::string> requested, Note note)
      : m_spool(spool), m_cupti(cupti), m_requested(std::move(requested)), m_note(std::move(note)) {}

  // Which callbacks it wants; false when CUPTI does not give them.
  bool subscribe(CUpti_SubscriberHandle subscriber);
  void onCallback(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data);
  // At the end of the process.
  void finish();

 private:
  void begin(CUcontext context);
  void end(CUcontext context);
  void onLaunch(CUpti_CallbackId id, const CUpti_CallbackData& data);
  void tell(const RangeCounting& counting, const LaunchedKernel& kernel, const std::vector<double>& values);
  void tellLost(RangeCounting& counting);

  RidgelineSpool* m_spool;
  const CuptiProfiler& m_cupti;
  std::vector<std::string> m_requested;
  Note m_note;
  std::mutex m_mutex;  // of what follows
  std::map<CUcontext, std::unique_ptr<RangeCounting>> m_contexts;
  KernelNames m_names;
  uint64_t m_counted = 0;
};

}  // namespace ridgeline::cuda
