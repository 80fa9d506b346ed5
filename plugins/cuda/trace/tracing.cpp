#include "plugins/cuda/trace/tracing.h"

#include "plugins/cuda/trace/device_record.h"
#include "plugins/cuda/trace/process_driver.h"

#include <dlfcn.h>

#include <cstdlib>
#include <new>

namespace ridgeline::cuda {
namespace {

constexpr size_t kBufferBytes = 4 << 20;
// CUPTI hands over what it has at least this often: what a killed process loses.
constexpr uint32_t kFlushMs = 500;

Tracing* theTracing = nullptr;

// "cudaLaunchKernel_v7000" -> "cudaLaunchKernel".
std::string withoutVersion(std::string call) {
  const auto at = call.rfind("_v");
  const auto isVersion = at != std::string::npos && at + 2 < call.size() &&
                         call.find_first_not_of("0123456789", at + 2) == std::string::npos;
  if (isVersion) call.resize(at);
  return call;
}

bool isVersion13(const CuptiLibrary& cupti) {
  uint32_t version = 0;
  return cupti.version(&version) == CUPTI_SUCCESS && version >= 130000;
}

}  // namespace

Tracing* Tracing::get() { return theTracing; }

void Tracing::start(RidgelineSpool* spool, const CuptiLibrary& cupti, TracingOptions options, Note note) {
  theTracing = new Tracing(spool, cupti, options, std::move(note));
  auto& self = *theTracing;
  self.receiveRanges();
  cupti.registerTimestamps([] { return static_cast<uint64_t>(ridgeline_spool_now()); });
  cupti.registerCallbacks(requested, completed);
  if (cupti.flushPeriod) cupti.flushPeriod(kFlushMs);
  self.enable();
}

Tracing::Tracing(RidgelineSpool* spool, const CuptiLibrary& cupti, TracingOptions options, Note note)
    : m_spool(spool),
      m_cupti(cupti),
      m_options(options),
      m_note(std::move(note)),
      m_decoder(
          [this](RidgelineRecordType type, const void* r) { record(type, r); },
          {[this](CUpti_CallbackDomain domain, CUpti_CallbackId id) { return callName(domain, id); },
           [](uint32_t device) { return ProcessDriver::get().nameOf(static_cast<int>(device)); }, isVersion13(cupti)}),
      m_power([this](const PowerSampler::Reading& reading) { tellPower(reading); }) {}

bool Tracing::subscribe(CUpti_SubscriberHandle subscriber) {
  bool all = true;
  for (const auto id : {CUPTI_CBID_RESOURCE_CONTEXT_CREATED, CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING}) {
    all = all && m_cupti.enableCallback(1, subscriber, CUPTI_CB_DOMAIN_RESOURCE, id) == CUPTI_SUCCESS;
  }
  return all;
}

void Tracing::onCallback(CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  if (domain != CUPTI_CB_DOMAIN_RESOURCE) return;
  // What a context still has is lost when it goes.
  if (id == CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING) m_cupti.flushAll(0);
  if (id != CUPTI_CBID_RESOURCE_CONTEXT_CREATED || !m_options.power) return;
  const auto& driver = ProcessDriver::get();
  const int device = driver.currentDevice();
  const auto* nvml = device < 0 ? nullptr : NvmlLibrary::get();
  if (nvml) m_power.add(*nvml, device, driver.busIdOf(device));
}

// NVTX hands its ranges to the library that this variable names, when the program first uses it.
void Tracing::receiveRanges() const {
  Dl_info cupti{};
  if (::dladdr(reinterpret_cast<const void*>(m_cupti.subscribe), &cupti) && cupti.dli_fname) {
    ::setenv("NVTX_INJECTION64_PATH", cupti.dli_fname, 0);
  }
}

void Tracing::enable() {
  std::vector<CUpti_ActivityKind> kinds = {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,
                                           CUPTI_ACTIVITY_KIND_MEMCPY2,           CUPTI_ACTIVITY_KIND_MEMSET,
                                           CUPTI_ACTIVITY_KIND_RUNTIME,           CUPTI_ACTIVITY_KIND_SYNCHRONIZATION,
                                           CUPTI_ACTIVITY_KIND_OVERHEAD};
  if (m_options.driverCalls) kinds.push_back(CUPTI_ACTIVITY_KIND_DRIVER);
  if (m_options.ranges) kinds.insert(kinds.end(), {CUPTI_ACTIVITY_KIND_MARKER, CUPTI_ACTIVITY_KIND_MARKER_DATA});
  if (m_options.wholeGraphs) kinds.push_back(CUPTI_ACTIVITY_KIND_GRAPH_TRACE);
  if (m_options.memory) kinds.push_back(CUPTI_ACTIVITY_KIND_MEMORY2);
  for (const auto kind : kinds) {
    const auto result = m_cupti.activityEnable(kind);
    if (result == CUPTI_SUCCESS) continue;
    m_note("CUPTI does not record activity of kind " + std::to_string(static_cast<int>(kind)) + ": " +
           m_cupti.reason(result));
  }
}

const char* Tracing::callName(CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  auto& name = m_names[{static_cast<int>(domain), id}];
  if (name.empty()) {
    const char* text = nullptr;
    const bool known = m_cupti.callbackName(domain, id, &text) == CUPTI_SUCCESS && text;
    name = known ? withoutVersion(text) : "(call)";
  }
  return name.c_str();
}

void Tracing::tellPower(const PowerSampler::Reading& reading) {
  const auto number = static_cast<uint32_t>(reading.device);
  const std::lock_guard lock(m_mutex);
  auto sample = RIDGELINE_INIT(RidgelineCount);
  sample.track = m_decoder.deviceTrack(number);
  sample.time_ns = ridgeline_spool_now();
  sample.counter = "power";
  sample.value = reading.watts;
  record(RIDGELINE_RECORD_COUNT, &sample);
  if (!reading.hasEnergy) return;
  sample.counter = "energy";
  sample.value = reading.joules;
  record(RIDGELINE_RECORD_COUNT, &sample);
}

void Tracing::finish() {
  m_power.stop();
  m_cupti.flushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
  const std::lock_guard lock(m_mutex);
  m_decoder.endOpenRanges(ridgeline_spool_now());
  m_decoder.tellLosses();
  ridgeline_spool_flush(m_spool);
}

void Tracing::forget() {
  new (&m_mutex) std::mutex();  // whoever held it is in the parent
  m_decoder.forget();
  m_power.forget();
}

void CUPTIAPI Tracing::requested(uint8_t** buffer, size_t* size, size_t* mostRecords) {
  *buffer = static_cast<uint8_t*>(std::aligned_alloc(8, kBufferBytes));
  *size = *buffer ? kBufferBytes : 0;
  *mostRecords = 0;  // as many as fit
}

void CUPTIAPI Tracing::completed(CUcontext context, uint32_t stream, uint8_t* buffer, size_t, size_t valid) {
  theTracing->readBuffer(context, stream, buffer, valid);
  std::free(buffer);
}

void Tracing::readBuffer(CUcontext context, uint32_t stream, uint8_t* buffer, size_t valid) {
  const std::lock_guard lock(m_mutex);
  CUpti_Activity* next = nullptr;
  while (valid > 0 && m_cupti.nextRecord(buffer, valid, &next) == CUPTI_SUCCESS) m_decoder.decode(*next);
  size_t dropped = 0;
  if (m_cupti.droppedRecords(context, stream, &dropped) == CUPTI_SUCCESS && dropped > 0) {
    auto lost = RIDGELINE_INIT(RidgelineLost);
    lost.count = dropped;
    lost.why = "dropped by CUPTI";
    record(RIDGELINE_RECORD_LOST, &lost);
  }
  m_decoder.tellLosses();
  ridgeline_spool_flush(m_spool);
}

}  // namespace ridgeline::cuda
