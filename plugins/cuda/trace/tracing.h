// What the library does in a process unless it counts: CUPTI's activity records are decoded and spooled as its buffers
// complete.
#pragma once

#include "plugins/cuda/cupti/cupti_library.h"
#include "plugins/cuda/power/power_sampler.h"
#include "plugins/cuda/trace/decoder.h"
#include "plugins/sdk/ridgeline_spool.h"

#include <map>
#include <mutex>

namespace ridgeline::cuda {

struct TracingOptions {
  bool driverCalls = true, ranges = true, wholeGraphs = false, memory = true, power = true;
};

class Tracing {
 public:
  using Note = std::function<void(const std::string&)>;
  // One a process, which lives until it is gone: CUPTI calls back very late.
  static void start(RidgelineSpool* spool, const CuptiLibrary& cupti, TracingOptions options, Note note);
  static Tracing* get();

  bool subscribe(CUpti_SubscriberHandle subscriber);
  void onCallback(CUpti_CallbackDomain domain, CUpti_CallbackId id);
  // At the end of the process.
  void finish();
  // In a process that was forked off.
  void forget();

 private:
  Tracing(RidgelineSpool* spool, const CuptiLibrary& cupti, TracingOptions options, Note note);
  void record(RidgelineRecordType type, const void* record) { ridgeline_spool_record(m_spool, type, record); }
  void receiveRanges() const;
  void enable();
  const char* callName(CUpti_CallbackDomain domain, CUpti_CallbackId id);
  void tellPower(const PowerSampler::Reading& reading);
  void readBuffer(CUcontext context, uint32_t stream, uint8_t* buffer, size_t valid);
  static void CUPTIAPI requested(uint8_t** buffer, size_t* size, size_t* mostRecords);
  static void CUPTIAPI completed(CUcontext context, uint32_t stream, uint8_t* buffer, size_t size, size_t valid);

  RidgelineSpool* m_spool;
  const CuptiLibrary& m_cupti;
  TracingOptions m_options;
  Note m_note;
  std::mutex m_mutex;  // of the decoder, and the names it asks for
  std::map<std::pair<int, CUpti_CallbackId>, std::string> m_names;
  ActivityDecoder m_decoder;
  PowerSampler m_power;
};

}  // namespace ridgeline::cuda
