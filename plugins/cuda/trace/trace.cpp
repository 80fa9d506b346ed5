// What CUDA_INJECTION64_PATH puts into a process: the driver calls InitializeInjection() when it is first used. CUPTI's
// buffers are decoded and spooled as they complete.
#include "plugins/cuda/trace/cupti_library.h"
#include "plugins/cuda/trace/decoder.h"
#include "plugins/sdk/ridgeline_spool.h"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>
#include <vector>

namespace {

using namespace ridgeline::cuda;

constexpr size_t kBufferBytes = 4 << 20;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

class Trace {
 public:
  // Lives until the process is gone: CUPTI calls back very late.
  static Trace& get() {
    static Trace* const trace = new Trace;
    return *trace;
  }

  void begin() {
    m_spool = ridgeline_spool_open("cuda");
    if (!m_spool) return;
    std::string why;
    m_cupti = CuptiLibrary::get(variable("RIDGELINE_CUDA_CUPTI"), why);
    if (!m_cupti) return note("there is no trace: " + why);
    if (!subscribe()) return;
    receiveRanges();
    m_cupti->registerTimestamps([] { return static_cast<uint64_t>(ridgeline_spool_now()); });
    m_cupti->registerCallbacks(requested, completed);
    enable();
    std::atexit([] { get().flush(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED); });
    pthread_atfork(nullptr, nullptr, [] { get().m_decoder.forget(); });
  }

 private:
  Trace()
      : m_decoder(
            [this](RidgelineRecordType type, const void* record) { ridgeline_spool_record(m_spool, type, record); },
            {[this](CUpti_CallbackDomain domain, CUpti_CallbackId id) { return callName(domain, id); }, {}}) {}

  void note(const std::string& text) {
    auto n = RIDGELINE_INIT(RidgelineNote);
    n.severity = RIDGELINE_WARNING;
    n.text = text.c_str();
    ridgeline_spool_record(m_spool, RIDGELINE_RECORD_NOTE, &n);
    ridgeline_spool_flush(m_spool);
  }

  std::string reasonOf(CUptiResult result) const {
    const char* text = nullptr;
    m_cupti->resultString(result, &text);
    return text ? text : "error " + std::to_string(static_cast<int>(result));
  }

  bool subscribe() {
    const auto result = m_cupti->subscribe(&m_subscriber, onCallback, nullptr);
    if (result == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED) {
      note("there is no trace: another profiler is at work in the process (Nsight, a debugger, or the program's own)");
      return false;
    }
    if (result != CUPTI_SUCCESS) {
      note("there is no trace: CUPTI: " + reasonOf(result));
      return false;
    }
    // What a context still has is lost when it goes.
    m_cupti->enableCallback(1, m_subscriber, CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING);
    return true;
  }

  // NVTX hands its ranges to the library that this variable names, when the program first uses it.
  void receiveRanges() const {
    Dl_info cupti{};
    if (::dladdr(reinterpret_cast<const void*>(m_cupti->subscribe), &cupti) && cupti.dli_fname) {
      ::setenv("NVTX_INJECTION64_PATH", cupti.dli_fname, 0);
    }
  }

  void enable() {
    std::vector<CUpti_ActivityKind> kinds = {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,
                                             CUPTI_ACTIVITY_KIND_MEMCPY2,           CUPTI_ACTIVITY_KIND_MEMSET,
                                             CUPTI_ACTIVITY_KIND_RUNTIME,           CUPTI_ACTIVITY_KIND_SYNCHRONIZATION,
                                             CUPTI_ACTIVITY_KIND_OVERHEAD};
    if (variable("RIDGELINE_CUDA_DRIVER") != "0") kinds.push_back(CUPTI_ACTIVITY_KIND_DRIVER);
    if (variable("RIDGELINE_CUDA_NVTX") != "0") {
      kinds.insert(kinds.end(), {CUPTI_ACTIVITY_KIND_MARKER, CUPTI_ACTIVITY_KIND_MARKER_DATA});
    }
    if (variable("RIDGELINE_CUDA_GRAPH") == "graph") kinds.push_back(CUPTI_ACTIVITY_KIND_GRAPH_TRACE);
    for (const auto kind : kinds) {
      const auto result = m_cupti->activityEnable(kind);
      if (result != CUPTI_SUCCESS) {
        note("CUPTI does not record activity of kind " + std::to_string(static_cast<int>(kind)) + ": " +
             reasonOf(result));
      }
    }
  }

  const char* callName(CUpti_CallbackDomain domain, CUpti_CallbackId id) {
    auto& name = m_names[{static_cast<int>(domain), id}];
    if (!name && m_cupti->callbackName(domain, id, &name) != CUPTI_SUCCESS) name = "(call)";
    return name;
  }

  void flush(uint32_t how) {
    m_cupti->flushAll(how);
    const std::lock_guard lock(m_mutex);
    m_decoder.endOpenRanges(ridgeline_spool_now());
    m_decoder.tellLosses();
    ridgeline_spool_flush(m_spool);
  }

  static void CUPTIAPI onCallback(void*, CUpti_CallbackDomain domain, CUpti_CallbackId id, const void*) {
    if (domain == CUPTI_CB_DOMAIN_RESOURCE && id == CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING) {
      get().m_cupti->flushAll(0);
    }
  }

  static void CUPTIAPI requested(uint8_t** buffer, size_t* size, size_t* mostRecords) {
    *buffer = static_cast<uint8_t*>(std::aligned_alloc(8, kBufferBytes));
    *size = *buffer ? kBufferBytes : 0;
    *mostRecords = 0;  // as many as fit
  }

  static void CUPTIAPI completed(CUcontext context, uint32_t stream, uint8_t* buffer, size_t, size_t valid) {
    auto& self = get();
    const std::lock_guard lock(self.m_mutex);
    CUpti_Activity* record = nullptr;
    while (valid > 0 && self.m_cupti->nextRecord(buffer, valid, &record) == CUPTI_SUCCESS)
      self.m_decoder.decode(*record);
    size_t dropped = 0;
    if (self.m_cupti->droppedRecords(context, stream, &dropped) == CUPTI_SUCCESS && dropped > 0) {
      auto lost = RIDGELINE_INIT(RidgelineLost);
      lost.count = dropped;
      lost.why = "dropped by CUPTI";
      ridgeline_spool_record(self.m_spool, RIDGELINE_RECORD_LOST, &lost);
    }
    self.m_decoder.tellLosses();
    ridgeline_spool_flush(self.m_spool);
    std::free(buffer);
  }

  RidgelineSpool* m_spool = nullptr;
  const CuptiLibrary* m_cupti = nullptr;
  CUpti_SubscriberHandle m_subscriber = nullptr;
  std::mutex m_mutex;  // of the decoder
  std::map<std::pair<int, CUpti_CallbackId>, const char*> m_names;
  ActivityDecoder m_decoder;
};

}  // namespace

// The driver's name for it. What it returns the driver does not look at.
extern "C" __attribute__((visibility("default"))) int InitializeInjection() {
  static std::once_flag once;
  std::call_once(once, [] { Trace::get().begin(); });
  return 1;
}
